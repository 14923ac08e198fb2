// Named limits of the executor.

/** Rows that an operator puts in a batch when every row costs a subplan or a nested scan. */
export const slowBatchRows = 32;
/** Partitions of one Grace pass of a spilling hash operator. */
export const spillPartitions = 16;
/** Passes of repeated partitioning before a partition is taken as it is (many equal keys). */
export const spillLevelsMax = 4;
/** Bytes that an operator which cannot spill may hold, as a multiple of work_mem; 53200 past it. */
export const unspillableFactor = 64;
/** … and at least this many. */
export const unspillableBytesMin = 256 * 1024 * 1024;
/** A statement tells the server's budget of steps of this size. */
export const memoryStepBytes = 1 << 20;
/** Part of a statement's budget that the tables and groups of one compiled node may have before they go to disk. */
export const compiledBudgetShare = 4;
/** Arrays that one growth of a store may ask for. */
export const storeBytesMax = 2 ** 31;
/** Sorted runs merged at a time. */
export const mergeFanIn = 64;
/** Rows sorted in one go; a sort yields between such chunks. */
export const sortChunkRows = 8192;
/** Idle compiled instances kept per plan. */
export const planInstancesMax = 4;
/** Depth of cascades through foreign keys; 54001. */
export const cascadeDepthMax = 100;
/** Subqueries that run once and cost at least this much run before their statement, yielding. */
export const preloadCostMin = 500;
/** Estimated cost from which a plan that reads runs on an executor thread: some 80,000 scanned rows. */
export const threadCostMin = 500;
/** Slices that a plan may use in the main thread before it moves to an executor thread. */
export const mainThreadSlicesMax = 10;
/** Batches that an executor thread may be ahead of the reader. */
export const threadBatchesAhead = 16;
/** Statements that share one executor thread. */
export const threadStatementsMax = 8;
/** A statement's turn on an executor thread. */
export const threadSliceMs = 5;
/** Plans that an executor thread keeps compiled. */
export const threadPlansMax = 64;
/** A thread that has not stopped a statement after this long is ended. */
export const threadStopMs = 10_000;
/** Work on rows of unknown cost aims at parts of this length … */
export const pacedPartMs = 1;
/** … and starts with this many rows. */
export const pacedPartRowsFirst = 8;
/** Calls of routines within each other; 54001. */
export const routineDepthMax = 400;
/** Estimated cost from which a part of a plan is compiled. */
export const compileCostMin = 75;
/** Bytes that tables and groups of compiled pipelines hold before they go to disk, as a multiple of work_mem. */
export const compiledWorkMemFactor = 16;
/** Bytes of typed arrays that a thread keeps for compiled pipelines to come. */
export const keptArrayBytesMax = 256 * 1024 * 1024;
/** Bytes of texts that a compiled operator holds as blocks of segments; past it, strings. */
export const lateTextBytesMax = 64 * 1024 * 1024;
/** Generated functions kept per thread, for plans that lead to the same code. */
export const codeFunctionsMax = 512;
/** Estimated cost from which several threads share a part of a plan. */
export const parallelCostMin = 1000;
/** … and the least share of the whole that it must be: build sides of joins are made by one thread, or by each. */
export const sharedWorkShareMin = 0.6;
/** Share of a node's cost that must be its own, so that threads divide it by keys and all of them read its rows. */
export const dividedShareMin = 0.5;
/** Estimated cost of a row of a table that threads build together, for the one that puts their parts together. */
export const sharedRowCost = 0.0015;
/** Estimated cost of a row that goes from thread to thread, and of each text (or other long value) in it. */
export const gatherRowCost = 0.02;
export const gatherTextCost = 0.03;
/** … of a row that is merged with those of other threads, and of each text in it: as much as sorting a few numbers costs. */
export const mergedRowCost = 0.02;
export const mergedTextCost = 0.01;
/** … and what all these rows may cost, as a share of the work that is shared. */
export const gatherShareMax = 0.5;
/** A join's right side that costs no more than this (and its rows' way to the threads) every thread runs for itself. */
export const handedCostMin = 200;
/** … and one that costs more than this is built by all together where that repeats less. */
export const repeatedCostMax = 400;
/** Bytes of rows that a run hands to all its threads; past it the coordinator runs it alone. */
export const handedBytesMax = 256 * 1024 * 1024;
/** A coordinator that waits for its helpers looks at its own messages this often. */
export const gatherWaitMs = 2;
/** Fewer rows than this make no difference to the rest of a statement, however far they are from the estimate. */
export const misjudgedRowsMin = 1000;
/** Rows that are kept back before a nested loop looks others up for them, while they may prove to be too many. */
export const checkedRowsMax = 100_000;

/** Keys of rows that a search of an inverted index keeps; past them it reads the table. */
export const invertedKeysMax = 2_000_000;
/** Keys of rows that a scan of an index gathers at once to read them in row order. */
export const gatheredKeysMax = 16_384;
/** Estimated rows from which a sort, a window or DISTINCT is compiled. */
export const sortRowsMin = 2000;
/** Tables, and indexes, whose use is counted. */
export const countedObjectsMax = 100_000;
