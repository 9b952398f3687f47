# Rails' cache store, and redis-store's: values, many at once, counters, patterns, lifetimes.
require "active_support"
require "active_support/cache"
require "active_support/notifications"
require "active_support/core_ext/integer/time"
require "redis-store"

PORT = Integer(ARGV[0])
$passed = 0
def check(name, actual, expected)
  abort "#{name}: expected #{expected.inspect}, was #{actual.inspect}" unless actual == expected
  $passed += 1
end

errors = []
cache = ActiveSupport::Cache::RedisCacheStore.new(url: "redis://127.0.0.1:#{PORT}/0", namespace: "rails#{$$}", error_handler: ->(method:, returning:, exception:) { errors << exception.message })
check "write", !!cache.write("a", { "x" => 1 }), true
check "read", cache.read("a"), { "x" => 1 }
calls = 0
check "fetch", 2.times.map { cache.fetch("page", expires_in: 60) { calls += 1 } }, [1, 1]
cache.write_multi((0...40).to_h { |i| ["m#{i}", i] })
check "many", cache.read_multi(*(0..40).map { |i| "m#{i}" }), (0...40).to_h { |i| ["m#{i}", i] }
check "fetch many", cache.fetch_multi("m1", "new1", "new2") { |name| "#{name}!" }, { "m1" => 1, "new1" => "new1!", "new2" => "new2!" }
check "delete many", cache.delete_multi(%w[m1 m2 none]), 2
check "count", [cache.increment("n"), cache.increment("n", 5, expires_in: 60), cache.decrement("n")], [1, 6, 5]
check "if it is not there", [!!cache.write("a", 2, unless_exist: true), cache.exist?("a")], [false, true]
cache.write("short", 1, expires_in: 0.3)
sleep 0.5
check "a lifetime", cache.read("short"), nil
cache.write("race", 1, expires_in: 0.1)
check "a pattern", [cache.delete_matched("m*"), cache.read("m9"), cache.read("a")].drop(1), [nil, { "x" => 1 }]
cache.clear
check "clear", cache.read("a"), nil
check "no errors", errors, []

store = Redis::Store::Factory.create("redis://127.0.0.1:#{PORT}/0/store#{$$}")
store.set("k", { "a" => [1, 2] })
check "redis-store", store.get("k"), { "a" => [1, 2] }
store.setex("t", 60, "v")
check "its namespace", store.keys("*").sort, %w[k t]
check "if it is not there", store.setnx("k", "x"), false
store.del("k", "t")
puts "#{$passed} checks passed (Rails' cache)"
