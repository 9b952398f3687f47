<?php
// PHP's sessions in Redis (phpredis' handler, with its lock), and Symfony's cache, tags and locks.
$port = (int) $argv[1];
$url = "redis://127.0.0.1:$port";
$passed = 0;
function check(string $name, $actual, $expected): void {
    global $passed;
    if ($actual != $expected) { fwrite(STDERR, "$name: expected ".json_encode($expected).', was '.json_encode($actual)."\n"); exit(1); }
    $passed++;
}

// Sessions.
ini_set('session.save_handler', 'redis');
ini_set('session.save_path', "tcp://127.0.0.1:$port?prefix=php:");
ini_set('redis.session.locking_enabled', '1');
ini_set('session.use_cookies', '0');
ini_set('session.cache_limiter', '');
for ($i = 0; $i < 30; $i++) {
    session_id("checks$i");
    session_start();
    $_SESSION = ['n' => $i];
    session_write_close();
}
session_id('checks7');
session_start();
check('a session', $_SESSION, ['n' => 7]);
session_regenerate_id(true);
$id = session_id();
session_write_close();
session_id($id);
session_start();
check('its new id', $_SESSION, ['n' => 7]);
session_destroy();

foreach (['Cache', 'Lock'] as $component)
    if (is_file("/usr/share/php/Symfony/Component/$component/autoload.php")) require_once "/usr/share/php/Symfony/Component/$component/autoload.php";
if (class_exists('Symfony\Component\Cache\Adapter\RedisAdapter')) {
    foreach (['phpredis' => ['class' => 'Redis'], 'predis' => ['class' => 'Predis\Client']] as $name => $options) {
        if ($name === 'predis') require_once '/usr/share/php/Predis/autoload.php';
        $connection = Symfony\Component\Cache\Adapter\RedisAdapter::createConnection($url, $options);
        $cache = new Symfony\Component\Cache\Adapter\RedisAdapter($connection, "sf$name".getmypid(), 60);
        $calls = 0;
        $load = function () use (&$calls) { return ++$calls; };
        check("Symfony, $name: get", [$cache->get('page', $load), $cache->get('page', $load)], [1, 1]);
        for ($i = 0; $i < 40; $i++) $cache->saveDeferred($cache->getItem("k$i")->set($i));
        check("Symfony, $name: many at once", $cache->commit(), true);
        $sum = 0;
        foreach ($cache->getItems(array_map(fn ($i) => "k$i", range(0, 39))) as $item) $sum += $item->get();
        check("Symfony, $name: all of them", $sum, 780);
        check("Symfony, $name: delete", [$cache->deleteItems(['k1', 'k2', 'k3']), $cache->hasItem('k1'), $cache->hasItem('k4')], [true, false, true]);
        check("Symfony, $name: clear", [$cache->clear(), $cache->hasItem('k4')], [true, false]);
        if ($name === 'phpredis') {
            $tags = new Symfony\Component\Cache\Adapter\TagAwareAdapter($cache);
            $tags->save($tags->getItem('a')->set(1)->tag(['red']));
            $tags->save($tags->getItem('b')->set(2)->tag(['blue']));
            $tags->invalidateTags(['red']);
            check('Symfony: tags', [$tags->hasItem('a'), $tags->hasItem('b')], [false, true]);
        }
    }
}

if (class_exists('Symfony\Component\Lock\LockFactory')) {
    $redis = new Redis();
    $redis->connect('127.0.0.1', $port);
    $factory = new Symfony\Component\Lock\LockFactory(new Symfony\Component\Lock\Store\RedisStore($redis));
    $lock = $factory->createLock('order'.getmypid(), 10);
    $other = $factory->createLock('order'.getmypid(), 10);
    check('Symfony: a lock', [$lock->acquire(), $other->acquire()], [true, false]);
    $lock->refresh();
    $lock->release();
    check('Symfony: released', $other->acquire(), true);
    $other->release();
    $shared = [$factory->createLock('shared'.getmypid(), 10), $factory->createLock('shared'.getmypid(), 10)];
    check('Symfony: shared', [$shared[0]->acquireRead(), $shared[1]->acquireRead(), $shared[1]->acquire()], [true, true, false]);
}
echo "$passed checks passed (PHP)\n";
