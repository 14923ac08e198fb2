"""SQLAlchemy: schema creation, reflection of everything it reflects, ORM, and Alembic's comparison where installed."""
import os

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import Session, declarative_base, relationship

engine = sa.create_engine(os.environ["DSN"].replace("postgresql://", "postgresql+psycopg2://"))
Base = declarative_base()


class Author(Base):
    __tablename__ = "author"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(50), nullable=False, index=True, comment="as printed")
    data = sa.Column(pg.JSONB, server_default=sa.text("'{}'::jsonb"))
    tags = sa.Column(pg.ARRAY(sa.Text))
    books = relationship("Book", back_populates="author", cascade="all, delete-orphan")
    __table_args__ = (
        sa.UniqueConstraint("name", name="author_name_unique"),
        sa.CheckConstraint("length(name) > 0", name="author_name_filled"),
        {"comment": "people who write"},
    )


class Book(Base):
    __tablename__ = "book"
    id = sa.Column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    author_id = sa.Column(sa.ForeignKey("author.id", ondelete="CASCADE", name="book_author"), nullable=False)
    title = sa.Column(sa.Text, nullable=False)
    price = sa.Column(sa.Numeric(10, 2))
    sold = sa.Column(sa.TIMESTAMP(timezone=True), server_default=sa.func.now())
    author = relationship("Author", back_populates="books")
    __table_args__ = (
        sa.Index("book_title_lower", sa.text("lower(title)")),
        sa.Index("book_cheap", "price", postgresql_where=sa.text("price < 10")),
    )


Base.metadata.create_all(engine)
inspector = sa.inspect(engine)
assert {"author", "book"} <= set(inspector.get_table_names())
columns = {c["name"]: c for c in inspector.get_columns("author")}
assert isinstance(columns["data"]["type"], pg.JSONB) and columns["data"]["default"] == "'{}'::jsonb"
assert isinstance(columns["tags"]["type"], pg.ARRAY)
assert columns["name"]["type"].length == 50 and columns["name"]["comment"] == "as printed"
assert columns["id"]["autoincrement"] is True
assert {c["name"]: c for c in inspector.get_columns("book")}["id"]["identity"]["always"] is True
assert inspector.get_pk_constraint("author") == {"constrained_columns": ["id"], "name": "author_pkey"}
[foreign] = inspector.get_foreign_keys("book")
assert foreign["referred_table"] == "author" and foreign["options"] == {"ondelete": "CASCADE"}
assert [u["name"] for u in inspector.get_unique_constraints("author")] == ["author_name_unique"]
[check] = inspector.get_check_constraints("author")
assert check["name"] == "author_name_filled" and "length" in check["sqltext"]
assert inspector.get_table_comment("author") == {"text": "people who write"}
indexes = {i["name"]: i for i in inspector.get_indexes("book")}
if "book_title_lower" in indexes:  # SQLAlchemy 2
    assert indexes["book_title_lower"]["expressions"] == ["lower(title)"]
assert "price" in indexes["book_cheap"]["dialect_options"]["postgresql_where"]
assert "public" in inspector.get_schema_names()
with engine.begin() as connection:
    connection.execute(sa.text("CREATE VIEW cheap AS SELECT title FROM book WHERE price < 10"))
inspector = sa.inspect(engine)
assert inspector.get_view_names() == ["cheap"]
assert "price <" in inspector.get_view_definition("cheap")
assert inspector.has_table("book") and not inspector.has_table("missing")
assert sa.inspect(engine).get_sequence_names() == ["author_id_seq", "book_id_seq"]

reflected = sa.MetaData()
reflected.reflect(engine, views=True)
assert set(reflected.tables) == {"author", "book", "cheap"}

with Session(engine) as session:
    session.add(Author(name="Ada", tags=["x", "y"], data={"k": [1, 2]}, books=[Book(title="Notes", price=3), Book(title="More", price=30)]))
    session.commit()
    ada = session.query(Author).filter(Author.data["k"][0].astext == "1", Author.tags.any("x")).one()
    assert [b.title for b in sorted(ada.books, key=lambda b: b.id)] == ["Notes", "More"]
    ranked = sa.select(Book.title, sa.func.rank().over(order_by=Book.price.desc())).order_by(Book.title)
    assert session.execute(ranked).all() == [("More", 1), ("Notes", 2)]
    upsert = pg.insert(Author).values(name="Ada").on_conflict_do_update(
        constraint="author_name_unique", set_={"tags": ["z"]}
    ).returning(Author.tags)
    assert session.execute(upsert).scalar() == ["z"]
    session.delete(ada)
    session.commit()
    assert session.query(Book).count() == 0
    try:
        session.execute(sa.insert(Author).values(name=""))
        raise AssertionError("no error")
    except sa.exc.IntegrityError as error:
        assert error.orig.diag.constraint_name == "author_name_filled"
        session.rollback()
    with session.begin_nested():
        session.add(Author(name="nested"))
    session.commit()

try:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    with engine.begin() as connection:
        connection.execute(sa.text("DROP VIEW cheap"))
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
        operations = Operations(context)
        operations.add_column("book", sa.Column("pages", sa.Integer, server_default="0"))
        operations.alter_column("book", "title", type_=sa.String(200), nullable=True, new_column_name="heading")
        operations.drop_constraint("author_name_filled", "author")
        operations.create_index("book_pages", "book", ["pages"], unique=False)
        operations.rename_table("book", "volume")
        kinds = {diff[0] if isinstance(diff, tuple) else diff[0][0] for diff in compare_metadata(context, Base.metadata)}
        assert {"add_table", "remove_table"} <= kinds, kinds
        connection.execute(sa.text("DROP TABLE volume"))
except ImportError:
    print("without Alembic")
    with engine.begin() as connection:
        connection.execute(sa.text("DROP VIEW cheap; DROP TABLE book"))
with engine.begin() as connection:
    connection.execute(sa.text("DROP TABLE author"))
print("passed")
