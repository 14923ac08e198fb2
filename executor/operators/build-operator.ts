// The list of physical nodes and the operators that run them.

import type { PhysicalNode } from '#planner';
import { goesByPartitions, isWorthCompiling } from '../compile/compilable.ts';
import { CompiledOperator } from '../compile/compiled-operator.ts';
import { CountedOperator } from '../counted-operator.ts';
import { compileCostMin } from '../limits.ts';
import { MeasuredOperator, measurementOf } from '../measurement.ts';
import { GatherOperator } from '../parallel/gather.ts';
import { MergingGatherOperator } from '../parallel/merging-gather.ts';
import { PartitionedOperator } from '../parallel/partitioned.ts';
import { ReceivedOperator } from '../parallel/received.ts';
import { unshared, withOwnTables } from '../parallel/own-tables.ts';
import { SharedScanOperator } from '../parallel/shared-scan.ts';
import { containsNode } from '../row-by-row.ts';
import type { Runtime } from '../runtime.ts';
import { AggregateOperator } from './aggregate.ts';
import { CteScanOperator } from './cte.ts';
import { DeleteOperator } from './delete.ts';
import { DistinctOperator } from './distinct.ts';
import { FeedOperator } from './feed.ts';
import { FunctionScanOperator } from './function-scan.ts';
import { HashJoinOperator } from './hash-join.ts';
import { InsertOperator } from './insert.ts';
import { InsteadOfOperator, isTriggeredView } from './instead-of.ts';
import { LimitOperator } from './limit.ts';
import { SequenceOperator } from './sequence.ts';
import { LockRowsOperator } from './lock-rows.ts';
import { MergeOperator } from './merge.ts';
import { NestedLoopOperator } from './nested-loop.ts';
import type { Operator } from './operator.ts';
import { ProjectSetOperator } from './project-set.ts';
import { ScanOperator } from './scan.ts';
import { SetOperationOperator } from './set-operation.ts';
import {
  AppendOperator,
  FilterOperator,
  ProjectOperator,
  ResultOperator,
  ValuesOperator,
} from './simple-operators.ts';
import { SortOperator } from './sort.ts';
import { SystemScanOperator } from './system-scan.ts';
import { UpdateOperator } from './update.ts';
import { WindowOperator } from './window.ts';

export function buildOperator(node: PhysicalNode, runtime: Runtime): Operator {
  const made = ownOperator(node, runtime);
  const operator = runtime.teaches(node) ? new CountedOperator(made, node, runtime) : made;
  if (runtime.measurements === undefined) return operator;
  return new MeasuredOperator(operator, measurementOf(runtime.measurements, node.id));
}

function ownOperator(node: PhysicalNode, runtime: Runtime): Operator {
  const { plan, earlyStops } = runtime;
  const isCompiled =
    plan.readOnly &&
    !containsNode(node, earlyStops.rowByRow) &&
    !goesByPartitions(node, earlyStops.stoppable) &&
    isWorthCompiling(node, plan.costLimits?.compile ?? compileCostMin);
  if (!isCompiled) return operatorFor(node, runtime);
  return new CompiledOperator(node, runtime, {
    fallback: () => operatorFor(withOwnTables(node), runtime),
    alone: () => buildOperator(unshared(node), runtime),
    interpret: (inner) => buildOperator(inner, runtime),
  });
}

function operatorFor(node: PhysicalNode, runtime: Runtime): Operator {
  switch (node.kind) {
    case 'scan':
      return node.line !== undefined
        ? new SharedScanOperator(node, runtime)
        : new ScanOperator(node, runtime);
    case 'gather':
      return node.keys === undefined
        ? new GatherOperator(node, runtime)
        : new MergingGatherOperator(node, runtime);
    case 'partitioned':
      return new PartitionedOperator(node, runtime);
    case 'received':
      return new ReceivedOperator(node, runtime);
    case 'systemScan':
      return new SystemScanOperator(node, runtime);
    case 'values':
      return new ValuesOperator(node, runtime);
    case 'feed':
      return new FeedOperator(runtime);
    case 'functionScan':
      return new FunctionScanOperator(node, runtime);
    case 'result':
      return new ResultOperator(node, runtime);
    case 'filter':
      return new FilterOperator(node, runtime);
    case 'project':
      return new ProjectOperator(node, runtime);
    case 'projectSet':
      return new ProjectSetOperator(node, runtime);
    case 'nestedLoop':
      return new NestedLoopOperator(node, runtime);
    case 'hashJoin':
      return new HashJoinOperator(node, runtime);
    case 'aggregate':
      return new AggregateOperator(node, runtime);
    case 'window':
      return new WindowOperator(node, runtime);
    case 'sort':
      return new SortOperator(node, runtime);
    case 'limit':
      return new LimitOperator(node, runtime);
    case 'distinct':
      return new DistinctOperator(node, runtime);
    case 'append':
      return new AppendOperator(node, runtime);
    case 'setOperation':
      return new SetOperationOperator(node, runtime);
    case 'cteScan':
      return new CteScanOperator(node, runtime);
    case 'lockRows':
      return new LockRowsOperator(node, runtime);
    case 'insert':
      return isTriggeredView(node.table)
        ? new InsteadOfOperator(node, runtime)
        : new InsertOperator(node, runtime);
    case 'update':
      return isTriggeredView(node.table)
        ? new InsteadOfOperator(node, runtime)
        : new UpdateOperator(node, runtime);
    case 'delete':
      return isTriggeredView(node.table)
        ? new InsteadOfOperator(node, runtime)
        : new DeleteOperator(node, runtime);
    case 'sequence':
      return new SequenceOperator(node, runtime);
    case 'merge':
      return new MergeOperator(node, runtime);
  }
}
