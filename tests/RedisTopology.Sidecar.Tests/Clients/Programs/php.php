<?php
// phpredis or Predis, unmodified, against 127.0.0.1:<port>: everything a single-node client does. What differs between the two stands in the functions at the top.

[, $library, $port] = $argv;
$port = (int)$port;
$isPredis = $library === 'predis';
if ($isPredis) {
    require 'Predis/autoload.php';
}

$passed = 0;

function check($name, $actual, $expected)
{
    global $passed;
    if ($actual != $expected) {
        fwrite(STDERR, "$name: expected " . json_encode($expected) . ', was ' . json_encode($actual) . "\n");
        exit(1);
    }
    $passed++;
}

function connect()
{
    global $isPredis, $port;
    if ($isPredis) {
        return new Predis\Client(['host' => '127.0.0.1', 'port' => $port, 'read_write_timeout' => 30]);
    }
    $r = new Redis();
    $r->connect('127.0.0.1', $port, 5);
    return $r;
}

// Predis says OK where phpredis says true.
function done($status)
{
    return $status === true || (string)$status === 'OK' || (string)$status === 'PONG';
}

function fails($name, $call, $text)
{
    try {
        $answer = $call();
        global $r, $isPredis;
        $error = $isPredis ? '' : (string)$r->getLastError();
    } catch (Exception $e) {
        $error = $e->getMessage();
    }
    check($name, strpos(strtolower($error), strtolower($text)) !== false, true);
}

// Another process, as PHP has no threads: it speaks the protocol itself, and says the same every so many seconds, up to so many times.
function later($seconds, $times, ...$words)
{
    global $port;
    $request = '*' . count($words) . "\r\n";
    foreach ($words as $word) {
        $request .= '$' . strlen($word) . "\r\n$word\r\n";
    }
    $code = '$s = fsockopen("127.0.0.1", ' . $port . '); for ($i = 0; $i < ' . $times . '; $i++) { usleep(' . (int)($seconds * 1000000) . '); fwrite($s, base64_decode("' . base64_encode($request) . '")); fgets($s); }';
    return proc_open([PHP_BINARY, '-r', $code], [], $pipes);
}

$r = connect();
check('ping', done($r->ping()), true);
check('set', done($r->set('php:a', '1')), true);
check('get', $r->get('php:a'), '1');
check('incr', $r->incr('php:a'), 2);
$keys = array_map(fn ($i) => "php:$i", range(0, 49));
check('mset', done($r->mset(array_combine($keys, range(0, 49)))), true);
check('mget', $r->mget($keys), range(0, 49));
check('exists', $r->exists('php:7'), 1);
check('del', $r->del($keys), 50);

$pipeline = $isPredis ? $r->pipeline() : $r->multi(Redis::PIPELINE);
for ($i = 0; $i < 1000; $i++) {
    $pipeline->set("php:p$i", $i);
}
for ($i = 0; $i < 1000; $i++) {
    $pipeline->get("php:p$i");
}
$answers = $isPredis ? $pipeline->execute() : $pipeline->exec();
check('pipeline', array_slice($answers, 1000), range(0, 999));

$transaction = $isPredis ? $r->transaction() : $r->multi();
$transaction->set('{php}:x', 1);
$transaction->incr('{php}:x');
$transaction->rpush('{php}:l', 'a');
$transaction->lrange('{php}:l', 0, -1);
$transaction->del('{php}:l');
$answers = $isPredis ? $transaction->execute() : $transaction->exec();
check('multi/exec', array_slice($answers, 1), [2, 1, ['a'], 1]);

$r->watch('{php}:w');
connect()->set('{php}:w', 'somebody else');
if ($isPredis) {
    $r->multi();
    $r->set('{php}:w', 'mine');
    check('watch', $r->exec(), null);
} else {
    check('watch', $r->multi()->set('{php}:w', 'mine')->exec(), false);
}
check('watch left it', $r->get('{php}:w'), 'somebody else');

$script = 'return {KEYS[1], ARGV[1]}';
check('eval', $isPredis ? $r->eval($script, 1, 'php:k', 'v') : $r->eval($script, ['php:k', 'v'], 1), ['php:k', 'v']);
$sha = $r->script('load', $script);
check('evalsha', $isPredis ? $r->evalsha($sha, 1, 'php:k', 'v') : $r->evalSha($sha, ['php:k', 'v'], 1), ['php:k', 'v']);

check('blpop in vain', $r->blpop(['php:q1', 'php:q2'], 1), null);
$process = later(0.3, 1, 'RPUSH', 'php:q2', 'work');
check('blpop over slots', $r->blpop(['php:q1', 'php:q2', 'php:q3'], 20), ['php:q2', 'work']);
proc_close($process);

$found = [];
if ($isPredis) {
    foreach (new Predis\Collection\Iterator\Keyspace($r, 'php:p*', 50) as $key) {
        $found[$key] = true;
    }
} else {
    $r->setOption(Redis::OPT_SCAN, Redis::SCAN_RETRY);
    $cursor = null;
    while ($page = $r->scan($cursor, 'php:p*', 50)) {
        $found += array_fill_keys($page, true);
    }
}
check('scan', count($found), 1000);

check('hash', $r->hmset('php:hash', ['a' => '1', 'b' => '2']) && $r->hgetall('php:hash') == ['a' => '1', 'b' => '2'], true);
$isPredis ? $r->zadd('php:z', ['one' => 1.5, 'two' => 2]) : $r->zadd('php:z', 1.5, 'one', 2, 'two');
check('sorted set', $isPredis ? $r->zrange('php:z', 0, -1, ['withscores' => true]) : $r->zrange('php:z', 0, -1, true), ['one' => 1.5, 'two' => 2]);
$big = str_repeat('0123456789abcdef', 200000);
check('big', done($r->set('php:big', $big)) && $r->get('php:big') === $big, true);
check('info', strpos(json_encode($r->info()), 'redis_version') !== false, true);
fails('wrong type', fn () => $r->lpush('php:a', 'x'), 'WRONGTYPE');
fails('crossslot', fn () => $r->sinterstore('php:1', 'php:2', 'php:3'), 'slot');

$publishes = later(0.5, 50, 'PUBLISH', 'php:channel', 'hello');
if ($isPredis) {
    $loop = $r->pubSubLoop();
    $loop->subscribe('php:channel', 'php:other');
    $loop->psubscribe('php:pattern*');
    $heard = false;
    foreach ($loop as $message) {
        if ($message->kind === 'message' && !$heard) {
            $heard = true;
            check('message', [$message->channel, $message->payload], ['php:channel', 'hello']);
            $loop->unsubscribe();
            $loop->punsubscribe();
        }
    }
    unset($loop);
    check('after pub/sub', $r->get('{php}:x'), 2);
} else {
    $before = $passed;
    $subscriber = connect();
    $subscriber->setOption(Redis::OPT_READ_TIMEOUT, 30);
    try {
        $subscriber->subscribe(['php:channel', 'php:other'], function ($redis, $channel, $message) {
            check('message', [$channel, $message], ['php:channel', 'hello']);
            // It would wait for more after an unsubscribe.
            $redis->close();
        });
    } catch (RedisException $e) {
        // So it says that it is closed.
    }

    check('one message', $passed, $before + 1);
}
proc_terminate($publishes);
proc_close($publishes);

// One whose connection was ended comes back by itself, or says so once.
$victim = connect();
$id = $isPredis ? $victim->executeRaw(['CLIENT', 'ID']) : $victim->rawCommand('CLIENT', 'ID');
check('kill', $isPredis ? $r->executeRaw(['CLIENT', 'KILL', 'ID', $id]) : $r->rawCommand('CLIENT', 'KILL', 'ID', $id), 1);
try {
    $victim->get('{php}:x');
} catch (Exception) {
    // Predis leaves it to its caller to try again.
}
check('reconnected', $victim->get('{php}:x'), 2);
echo "$passed checks passed with $library\n";
