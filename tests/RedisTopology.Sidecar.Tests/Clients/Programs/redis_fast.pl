# Redis::Fast, unmodified, against 127.0.0.1:<port>: everything a single-node client does.
use strict;
use warnings;
use List::Util qw(uniq);
use Redis::Fast;

my $port = shift;
my $passed = 0;

sub check {
    my ($name, $actual, $expected) = @_;
    $actual //= 'undef';
    die "$name: expected $expected, was $actual\n" unless $actual eq $expected;
    $passed++;
}

sub connection { return Redis::Fast->new(server => "127.0.0.1:$port", reconnect => 20, name => 'checks') }

my ($r, $other) = (connection(), connection());
my @keys = map { "pf:$_" } 0 .. 49;
check('set', $r->set('pf:a', 1), 'OK');
check('get', $r->get('pf:a'), 1);
check('mset', $r->mset(map { ($_, 1) } @keys), 'OK');
check('mget', join(',', $r->mget(@keys)), join(',', (1) x 50));
check('del', $r->del(@keys), 50);

my @got;
for my $i (0 .. 499) {
    $r->set("pf:p$i", $i, sub { });
    $r->get("pf:p$i", sub { push @got, $_[0] });
}
$r->wait_all_responses;
check('pipeline', join(',', @got), join(',', 0 .. 499));

$r->multi;
$r->set('{pf}:x', 1);
$r->incr('{pf}:x');
check('multi/exec', join(',', $r->exec), 'OK,2');
$r->watch('{pf}:x');
$other->set('{pf}:x', 9);
$r->multi;
$r->set('{pf}:x', 1);
check('watch', scalar($r->exec), 'undef');

check('eval', $r->eval('return ARGV[1]', 1, 'pf:k', 'v'), 'v');
my ($cursor, @found) = (0);
do {
    ($cursor, my $page) = $r->scan($cursor, 'MATCH', 'pf:p*', 'COUNT', 50);
    push @found, @$page;
} while ($cursor);
check('scan', scalar(uniq @found), 500);
check('blpop in vain', scalar($r->blpop('pf:q', 1)), 'undef');
$other->rpush('pf:q2', 'work');
check('blpop over slots', join(',', $r->blpop('pf:q', 'pf:q2', 20)), 'pf:q2,work');

my @heard;
my $listener = connection();
$listener->subscribe('pf:channel', sub { push @heard, $_[0] });
$listener->psubscribe('pf:pattern*', sub { push @heard, $_[0] });
$other->publish('pf:channel', 'hello');
$other->publish('pf:pattern7', 'there');
for (1 .. 100) {
    last if @heard == 2;
    $listener->wait_for_messages(0.2);
}
check('messages', join(',', sort @heard), 'hello,there');

my $big = '0123456789abcdef' x (1 << 19);
check('big set', $r->set('pf:big', $big), 'OK');
check('big get', $r->get('pf:big') eq $big ? 'same' : 'another', 'same');
check('big del', $r->del('pf:big'), 1);
eval { $r->lpush('pf:a', 1) };
check('wrong type', $@ =~ /WRONGTYPE/ ? 'told' : $@, 'told');
check('client name', $r->client_getname, 'checks');
check('kill', $other->client('KILL', 'ID', $r->client('ID')), 1);
check('reconnected by itself', $r->get('pf:a'), 1);
print "$passed checks passed (Redis::Fast $Redis::Fast::VERSION)\n";
