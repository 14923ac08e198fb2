// TypeORM: synchronize, entity schemas with relations, query builder, trees of relations, query runner
// with generated migrations (so its reading of the catalog), transactions.

import assert from 'node:assert/strict';
import { DataSource, EntitySchema, In, QueryFailedError } from 'typeorm';
import type { Program } from './program.ts';

interface Category {
  id: number;
  name: string;
  articles?: Article[];
}
interface Article {
  id: string;
  title: string;
  price: string;
  state: string;
  labels: string[] | null;
  extra: object | null;
  createdAt: Date;
  version: number;
  category?: Category;
}

const categories = new EntitySchema<Category>({
  name: 'Category',
  columns: {
    id: { type: 'int', primary: true, generated: 'increment' },
    name: { type: 'varchar', length: 60, unique: true },
  },
  relations: { articles: { type: 'one-to-many', target: 'Article', inverseSide: 'category' } },
});
const articles = new EntitySchema<Article>({
  name: 'Article',
  columns: {
    id: { type: 'uuid', primary: true, generated: 'uuid' },
    title: { type: 'text' },
    price: { type: 'numeric', precision: 10, scale: 2, default: 0 },
    state: { type: 'enum', enum: ['draft', 'published'], default: 'draft' },
    labels: { type: 'text', array: true, nullable: true },
    extra: { type: 'jsonb', nullable: true },
    createdAt: { type: 'timestamptz', createDate: true },
    version: { type: 'int', version: true },
  },
  relations: {
    category: {
      type: 'many-to-one',
      target: 'Category',
      inverseSide: 'articles',
      onDelete: 'CASCADE',
      nullable: true,
    },
  },
  indices: [{ columns: ['title', 'state'], name: 'article_title_state' }],
});

export const run: Program = async ({ host, port, user, database }) => {
  const source = new DataSource({
    type: 'postgres',
    host,
    port,
    username: user,
    database,
    entities: [categories, articles],
    synchronize: true,
    uuidExtension: 'pgcrypto',
    installExtensions: false,
  });
  await source.initialize();
  try {
    // Nothing is left to change: the catalog reads back as it was written.
    const changes = await source.driver.createSchemaBuilder().log();
    assert.deepEqual(
      changes.upQueries.map(({ query }) => query),
      [],
    );
    await query(source);
    await transact(source);
    await runner(source);
  } finally {
    await source.destroy();
  }
};

async function query(source: DataSource): Promise<void> {
  const category = await source.getRepository(categories).save({ name: 'news' });
  const repository = source.getRepository(articles);
  await repository.save([
    { title: 'one', price: '1.5', labels: ['a', 'b'], extra: { k: 1 }, category },
    { title: 'two', state: 'published', category },
    { title: 'three' },
  ]);
  const found = await repository.find({
    where: { title: In(['one', 'two']) },
    relations: { category: true },
    order: { title: 'ASC' },
  });
  assert.deepEqual(
    found.map(({ title, price, labels, category: of }) => [title, price, labels, of?.name]),
    [
      ['one', '1.50', ['a', 'b'], 'news'],
      ['two', '0.00', null, 'news'],
    ],
  );
  const [first] = found;
  first.title = 'uno';
  await repository.save(first);
  assert.equal(first.version, 2);
  const built = await repository
    .createQueryBuilder('a')
    .leftJoin('a.category', 'c')
    .select('c.name', 'category')
    .addSelect('COUNT(*)', 'n')
    .groupBy('c.name')
    .orderBy('c.name', 'ASC', 'NULLS FIRST')
    .getRawMany();
  assert.deepEqual(built, [
    { category: null, n: '1' },
    { category: 'news', n: '2' },
  ]);
  const [page, total] = await repository.findAndCount({
    skip: 1,
    take: 1,
    order: { title: 'ASC' },
    relations: { category: true },
  });
  assert.equal(total, 3);
  assert.equal(page[0].title, 'two');
  await repository.upsert({ id: first.id, title: 'ein' }, ['id']);
  assert.equal((await repository.findOneByOrFail({ id: first.id })).title, 'ein');
  const streamed = await repository.createQueryBuilder('a').getCount();
  assert.equal(streamed, 3);
}

async function transact(source: DataSource): Promise<void> {
  await assert.rejects(
    source.transaction('SERIALIZABLE', async (manager) => {
      await manager.createQueryBuilder().delete().from('Article').execute();
      await manager.insert('Category', { name: 'news' });
    }),
    (error) => {
      assert.ok(error instanceof QueryFailedError, String(error));
      assert.equal((error.driverError as { code?: string }).code, '23505');
      return true;
    },
  );
  assert.equal(await source.getRepository(articles).count(), 3);
}

async function runner(source: DataSource): Promise<void> {
  const queryRunner = source.createQueryRunner();
  const table = await queryRunner.getTable('article');
  assert.deepEqual(table?.findColumnByName('state')?.enum, ['draft', 'published']);
  assert.equal(table?.foreignKeys[0].onDelete, 'CASCADE');
  assert.equal(table?.indices[0].name, 'article_title_state');
  await queryRunner.renameColumn('article', 'title', 'headline');
  await queryRunner.dropTable('article');
  await queryRunner.release();
}
