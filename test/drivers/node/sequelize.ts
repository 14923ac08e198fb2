// Sequelize: sync (CREATE and ALTER), models with associations, eager loading, scopes, upserts,
// transactions with row locks, and what describes the schema.

import assert from 'node:assert/strict';
import { DataTypes, Op, Sequelize, Transaction, UniqueConstraintError } from 'sequelize';
import type { Program } from './program.ts';

export const run: Program = async ({ url }) => {
  const sequelize = new Sequelize(url, { logging: false, pool: { max: 3 } });
  try {
    await sequelize.authenticate();
    const models = await define(sequelize);
    await query(sequelize, models);
    await transact(sequelize, models);
    await inspect(sequelize);
  } finally {
    await sequelize.close();
  }
};

async function define(sequelize: Sequelize) {
  const Team = sequelize.define('Team', {
    name: { type: DataTypes.STRING(50), allowNull: false, unique: true },
    level: { type: DataTypes.ENUM('junior', 'senior'), defaultValue: 'junior' },
  });
  const Player = sequelize.define('Player', {
    id: { type: DataTypes.UUID, defaultValue: DataTypes.UUIDV4, primaryKey: true },
    name: { type: DataTypes.TEXT, allowNull: false },
    points: { type: DataTypes.DECIMAL(10, 2), defaultValue: 0 },
    tags: DataTypes.ARRAY(DataTypes.STRING),
    data: DataTypes.JSONB,
  });
  Team.hasMany(Player, { as: 'players', foreignKey: 'teamId', onDelete: 'CASCADE' });
  Player.belongsTo(Team, { as: 'team', foreignKey: 'teamId' });
  await sequelize.sync({ force: true });
  await sequelize.sync({ alter: true });
  return { Team, Player };
}

type Models = Awaited<ReturnType<typeof define>>;

async function query(sequelize: Sequelize, { Team, Player }: Models): Promise<void> {
  const team = await Team.create(
    {
      name: 'Reds',
      players: [
        { name: 'Ann', points: 10.25, tags: ['a'], data: { n: { deep: 1 } } },
        { name: 'Bob', points: 2 },
      ],
    },
    { include: [{ association: 'players' }] },
  );
  assert.equal(team.get('id'), 1);
  const found = await Team.findOne({
    where: { name: { [Op.iLike]: 'r%' } },
    include: [
      { model: Player, as: 'players', where: { points: { [Op.gte]: 1 } }, required: false },
    ],
    order: [[{ model: Player, as: 'players' }, 'name', 'DESC']],
  });
  const players = found?.get('players') as InstanceType<typeof Player>[];
  assert.deepEqual(
    players.map((player) => [player.get('name'), player.get('points')]),
    [
      ['Bob', '2.00'],
      ['Ann', '10.25'],
    ],
  );
  assert.equal(await Player.count({ where: { data: { n: { deep: 1 } } } }), 1);
  assert.equal(await Player.count({ where: { tags: { [Op.contains]: ['a'] } } }), 1);
  const [row, created] = await Team.upsert({ id: 1, name: 'Reds', level: 'senior' });
  assert.equal(row.get('level'), 'senior');
  assert.equal(created, null);
  const [, wasNew] = await Team.findOrCreate({ where: { name: 'Blues' } });
  assert.equal(wasNew, true);
  await Player.increment({ points: 5 }, { where: { name: 'Bob' } });
  const { count, rows } = await Player.findAndCountAll({ limit: 1, order: ['name'] });
  assert.equal(count, 2);
  assert.equal(rows.length, 1);
  const [totals] = (await Player.findAll({
    attributes: ['teamId', [sequelize.fn('SUM', sequelize.col('points')), 'total']],
    group: ['teamId'],
    raw: true,
  })) as unknown as { total: string }[];
  assert.equal(totals.total, '17.25');
  await Player.bulkCreate(
    Array.from({ length: 50 }, (_, index) => ({ name: `p${index}`, teamId: 1 })),
  );
  assert.equal(await Player.destroy({ where: { name: { [Op.like]: 'p%' } } }), 50);
}

async function transact(sequelize: Sequelize, { Team, Player }: Models): Promise<void> {
  await assert.rejects(Team.create({ name: 'Reds' }), (error) => {
    assert.ok(error instanceof UniqueConstraintError);
    assert.deepEqual(Object.keys(error.fields), ['name']);
    return true;
  });
  await assert.rejects(
    sequelize.transaction(
      { isolationLevel: Transaction.ISOLATION_LEVELS.REPEATABLE_READ },
      async (transaction) => {
        await Player.findAll({ transaction, lock: transaction.LOCK.UPDATE, skipLocked: true });
        await Player.destroy({ where: {}, transaction });
        await Player.create({ name: 'x', teamId: 99 }, { transaction });
      },
    ),
    { name: 'SequelizeForeignKeyConstraintError' },
  );
  assert.equal(await Player.count(), 2);
}

async function inspect(sequelize: Sequelize): Promise<void> {
  const queries = sequelize.getQueryInterface();
  const columns = await queries.describeTable('Players');
  assert.equal(columns['id'].type, 'UUID');
  assert.equal(columns['id'].primaryKey, true);
  assert.equal(columns['tags'].type, 'ARRAY');
  const teams = await queries.describeTable('Teams');
  assert.deepEqual((teams['level'] as unknown as { special: string[] }).special, [
    'junior',
    'senior',
  ]);
  const indexes = (await queries.showIndex('Teams')) as { name: string; unique: boolean }[];
  assert.deepEqual(indexes.map(({ name, unique }) => `${name} ${unique}`).toSorted(), [
    'Teams_name_key true',
    // sync({ alter: true }) adds UNIQUE once more.
    'Teams_name_key1 true',
    'Teams_pkey true',
  ]);
  await queries.addColumn('Teams', 'city', { type: DataTypes.STRING, defaultValue: 'here' });
  await queries.changeColumn('Teams', 'city', { type: DataTypes.TEXT, allowNull: true });
  await queries.renameColumn('Teams', 'city', 'town');
  await queries.addIndex('Teams', ['town'], { name: 'teams_town' });
  await queries.removeColumn('Teams', 'town');
  await queries.dropAllTables();
}
