"""Django: its own applications' migrations, schema changes by migration operations, ORM queries, inspectdb."""
import io
import os
from urllib.parse import urlparse

import django
from django.conf import settings

url = urlparse(os.environ["DSN"])
settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.path[1:],
            "USER": url.username,
            "PASSWORD": url.password or "",
            "HOST": url.hostname,
            "PORT": url.port,
        }
    },
    INSTALLED_APPS=[
        "django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions",
        "django.contrib.admin", "django.contrib.messages", "django.contrib.postgres",
    ],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    SECRET_KEY="x",
)
django.setup()

from django.contrib.auth.models import Group, Permission, User
from django.contrib.postgres.aggregates import ArrayAgg, StringAgg
from django.contrib.postgres.fields import ArrayField
from django.core.management import call_command
from django.db import IntegrityError, connection, migrations, models, transaction
from django.db.migrations.state import ProjectState
from django.db.models import Count, F, Q, Sum, Window
from django.db.models.functions import Lower, Rank, TruncMonth

call_command("migrate", verbosity=0)
call_command("migrate", verbosity=0)
assert Permission.objects.count() >= 16

# ORM.
users = [User(username=f"user{n}", email=f"u{n}@x.y", is_staff=n % 2 == 0) for n in range(20)]
User.objects.bulk_create(users)
group = Group.objects.create(name="editors")
group.user_set.add(*User.objects.filter(is_staff=True))
assert User.objects.filter(groups__name="editors").count() == 10
assert User.objects.annotate(g=Count("groups")).filter(g=0).count() == 10
assert Group.objects.aggregate(names=StringAgg("user__username", ",", ordering="user__username"))["names"].startswith("user0,user10")
assert len(Group.objects.aggregate(ids=ArrayAgg("user__id"))["ids"]) == 10
user, made = User.objects.get_or_create(username="user0")
assert not made
User.objects.update_or_create(username="user0", defaults={"first_name": "Zoë"})
assert User.objects.filter(first_name__icontains="ZO").exists()
assert User.objects.filter(username__regex=r"^user1\d$").count() == 10
User.objects.filter(pk=user.pk).update(last_name=Lower(F("username")))
ranks = User.objects.annotate(r=Window(Rank(), order_by=F("username").desc())).order_by("r")
assert ranks.first().username == "user9"
months = User.objects.annotate(m=TruncMonth("date_joined")).values("m").annotate(n=Count("id")).order_by("m")
assert months.first()["n"] == 20
with transaction.atomic():
    locked = list(User.objects.select_for_update(skip_locked=True).filter(is_staff=True).order_by("id")[:3])
    assert len(locked) == 3
try:
    with transaction.atomic():
        User.objects.create(username="user0")
    raise AssertionError("no error")
except IntegrityError:
    pass
with transaction.atomic():
    iterated = sum(1 for _ in User.objects.iterator(chunk_size=7))
    assert iterated == 20
assert "Scan" in User.objects.filter(pk=1).explain(analyze=True)

# Migration operations.
before = ProjectState()


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel("Shelf", [
            ("id", models.BigAutoField(primary_key=True)),
            ("name", models.CharField(max_length=30, unique=True)),
            ("labels", ArrayField(models.CharField(max_length=10), default=list)),
            ("extra", models.JSONField(default=dict)),
        ]),
        migrations.CreateModel("Item", [
            ("id", models.BigAutoField(primary_key=True)),
            ("shelf", models.ForeignKey("stock.Shelf", models.CASCADE)),
            ("code", models.SlugField()),
            ("amount", models.PositiveIntegerField(default=0)),
        ]),
        migrations.AddField("Item", "price", models.DecimalField(max_digits=9, decimal_places=2, null=True)),
        migrations.AlterField("Item", "price", models.DecimalField(max_digits=12, decimal_places=3, default=1)),
        migrations.AlterField("Item", "code", models.CharField(max_length=90, db_index=True)),
        migrations.RenameField("Item", "amount", "quantity"),
        migrations.AlterUniqueTogether("Item", {("shelf", "code")}),
        migrations.AddIndex("Item", models.Index(fields=["-quantity"], name="item_quantity")),
        migrations.AddConstraint("Item", models.CheckConstraint(check=Q(quantity__lt=1000), name="item_small")),
        migrations.AddConstraint("Item", models.UniqueConstraint(fields=["code"], condition=Q(quantity=0), name="item_empty")),
        migrations.RenameModel("Item", "Article"),
        migrations.RunSQL("UPDATE stock_article SET quantity = 1", migrations.RunSQL.noop),
    ]


migration = Migration("0001", "stock")
with connection.schema_editor(atomic=True) as editor:
    after = migration.apply(before, editor)
Shelf, Article = after.apps.get_model("stock", "Shelf"), after.apps.get_model("stock", "Article")
shelf = Shelf.objects.create(name="a", labels=["x", "y"], extra={"k": {"deep": [1, 2]}})
Article.objects.create(shelf=shelf, code="c", quantity=5)
assert Shelf.objects.filter(labels__contains=["x"], extra__k__deep__1=2).exists()
assert Shelf.objects.filter(extra__has_key="k", labels__len=2).exists()
assert Article.objects.aggregate(s=Sum("price"))["s"] == 1
with connection.cursor() as cursor:
    constraints = connection.introspection.get_constraints(cursor, "stock_article")
    assert constraints["item_small"]["check"] and constraints["item_quantity"]["orders"] == ["DESC"], constraints
    assert {t.name for t in connection.introspection.get_table_list(cursor)} >= {"stock_shelf", "auth_user"}
    assert connection.introspection.get_sequences(cursor, "stock_article")
    assert connection.introspection.get_relations(cursor, "stock_article") == {"shelf_id": ("id", "stock_shelf")}
out = io.StringIO()
call_command("inspectdb", stdout=out)
assert "class StockArticle(models.Model)" in out.getvalue() and "Unable to inspect" not in out.getvalue(), out.getvalue()
with connection.schema_editor(atomic=True) as editor:
    migration.unapply(before.clone(), editor)
call_command("flush", interactive=False, verbosity=0)
assert User.objects.count() == 0
with connection.cursor() as cursor:
    for table in connection.introspection.table_names(cursor):
        cursor.execute(f'DROP TABLE "{table}" CASCADE')
print("passed")
