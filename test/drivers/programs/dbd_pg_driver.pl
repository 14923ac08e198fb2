# DBD::Pg: placeholders, types, errors, COPY, catalog methods, notifications, savepoints, cursors.
use strict;
use warnings;
use DBI;
use DBD::Pg qw(:pg_types);

my ($host, $port, $name) = $ENV{DSN} =~ m{@([^:]+):(\d+)/(\w+)};
my $dbh = DBI->connect("dbi:Pg:host=$host;port=$port;dbname=$name", 'postgres', '',
    { AutoCommit => 1, RaiseError => 1, PrintError => 0, PrintWarn => 0 });

sub check { my ($what, $got, $expected) = @_; die "$what: got <$got>, expected <$expected>\n" if $got ne $expected }

check('version', int($dbh->{pg_server_version} / 10000), 15);
$dbh->do('CREATE TABLE author (id serial PRIMARY KEY, name varchar(40) NOT NULL UNIQUE, data bytea, tags text[], born date)');
$dbh->do('CREATE TABLE book (id int PRIMARY KEY, author_id int REFERENCES author (id), title text)');
my $insert = $dbh->prepare('INSERT INTO author (name, data, tags, born) VALUES (?, ?, ?, ?) RETURNING id');
$insert->bind_param(2, undef, { pg_type => PG_BYTEA });
$insert->execute("O'Hara ü", "\x00\x01\xff", [ 'a', 'b"c', undef ], '2020-02-29');
check('returning', $insert->fetchrow_array, 1);
my $row = $dbh->selectrow_hashref('SELECT * FROM author WHERE name = ?', undef, "O'Hara ü");
check('bytea', $row->{data}, "\x00\x01\xff");
check('array', $row->{tags}[1], 'b"c');

eval { $dbh->do('INSERT INTO author (name) VALUES (?)', undef, "O'Hara ü") };
check('state', $dbh->state, '23505');
check('constraint', $dbh->pg_error_field('constraint'), 'author_name_key');

$dbh->begin_work;
$dbh->pg_savepoint('s');
eval { $dbh->do('SELECT 1/0') };
check('division', $dbh->state, '22012');
$dbh->pg_rollback_to('s');
$dbh->do("INSERT INTO book VALUES (1, 1, 'x')");
$dbh->commit;

$dbh->do('COPY book FROM STDIN');
$dbh->pg_putcopydata("$_\t1\ttitle $_\n") for 2 .. 100;
$dbh->pg_putcopyend;
$dbh->do('COPY (SELECT id FROM book ORDER BY id LIMIT 2) TO STDOUT');
my ($line, $text) = ('', '');
$text .= $line while $dbh->pg_getcopydata($line) >= 0;
check('copy out', $text, "1\n2\n");

check('tables', join(',', sort map { $_->[2] } @{ $dbh->table_info(undef, 'public', '%', 'TABLE')->fetchall_arrayref }), 'author,book');
check('columns', join(',', map { "$_->[3]:$_->[5]" } @{ $dbh->column_info(undef, 'public', 'author', '%')->fetchall_arrayref }),
    'id:integer,name:character varying,data:bytea,tags:text[],born:date');
check('primary key', join(',', $dbh->primary_key(undef, 'public', 'author')), 'id');
my $foreign = $dbh->foreign_key_info(undef, 'public', 'author', undef, 'public', 'book')->fetchrow_hashref;
check('foreign key', $foreign->{FK_COLUMN_NAME}, 'author_id');
my $indexes = $dbh->statistics_info(undef, 'public', 'author', 1, 0)->fetchall_arrayref;
check('statistics', scalar(grep { defined $_->[5] && $_->[5] eq 'author_name_key' } @$indexes), 1);
check("last insert id", $dbh->last_insert_id(undef, 'public', 'author', undef), 2);
check('type_info_all', ref($dbh->type_info_all), 'ARRAY');
check('ping', $dbh->ping, 1);

$dbh->do('LISTEN news');
my $other = $dbh->clone;
$other->do("NOTIFY news, 'payload'");
$dbh->do('SELECT 1');
check('notification', $dbh->pg_notifies->[2], 'payload');
check('quote', $dbh->quote_identifier('Odd "name"'), '"Odd ""name"""');

$dbh->begin_work;
my $large = $dbh->prepare('SELECT generate_series(1, 1000)');
$large->execute;
check('rows', $large->rows, 1000);
$dbh->rollback;
$dbh->do('DROP TABLE book, author');
print "passed\n";
