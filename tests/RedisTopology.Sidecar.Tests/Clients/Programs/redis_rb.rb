# redis-rb, unmodified, against 127.0.0.1:<port>: everything a single-node client does.
require "redis"

PORT = ARGV[0].to_i
$passed = 0

def check(name, actual, expected)
  abort "#{name}: expected #{expected.inspect}, was #{actual.inspect}" unless actual == expected
  $passed += 1
end

def connect
  Redis.new(host: "127.0.0.1", port: PORT, id: "checks", timeout: 30)
end

r = connect
check "ping", r.ping, "PONG"
check "set", r.set("rb:a", "1"), "OK"
check "set if it is not there", r.set("rb:a", "2", nx: true), false
check "incr", r.incr("rb:a"), 2
keys = (0...50).map { |i| "rb:#{i}" }
check "mset", r.mapped_mset(keys.each_with_index.to_h), "OK"
check "mget", r.mget(*keys, "rb:none"), (0...50).map(&:to_s) + [nil]
check "exists", r.exists(*keys), 50
check "del", r.del(*keys), 50

answers = r.pipelined do |p|
  1000.times { |i| p.set("rb:p#{i}", i) }
  1000.times { |i| p.get("rb:p#{i}") }
end
check "pipeline", answers[1000..], (0...1000).map(&:to_s)

answers = r.multi do |t|
  t.set("{rb}:x", 1)
  t.incr("{rb}:x")
  t.rpush("{rb}:l", %w[a b])
  t.lrange("{rb}:l", 0, -1)
  t.del("{rb}:l")
end
check "multi/exec", answers, ["OK", 2, 2, %w[a b], 1]

changed = r.watch("{rb}:w") do
  connect.set("{rb}:w", "somebody else")
  r.multi { |t| t.set("{rb}:w", "mine") }
end
check "watch", [changed, r.get("{rb}:w")], [nil, "somebody else"]

check "eval", r.eval("return {KEYS[1], ARGV[1]}", ["rb:k"], ["v"]), ["rb:k", "v"]
sha = r.script(:load, "return redis.call('INCR', KEYS[1])")
check "evalsha", (0...20).map { |i| r.evalsha(sha, ["rb:script#{i}"]) }, [1] * 20

check "blpop in vain", r.blpop("rb:q1", "rb:q2", timeout: 1), nil
pushes = Thread.new { sleep 0.3; connect.rpush("rb:q2", "work") }
check "blpop over slots", r.blpop("rb:q1", "rb:q2", "rb:q3", timeout: 20), ["rb:q2", "work"]
pushes.join
r.rpush("{rb}:from", "x")
check "blmove", r.blmove("{rb}:from", "{rb}:to", "LEFT", "RIGHT", timeout: 5), "x"

check "scan", r.scan_each(match: "rb:p*", count: 50).to_a.uniq.size, 1000
check "hash", [r.mapped_hmset("rb:hash", "a" => "1", "b" => "2"), r.hgetall("rb:hash")], ["OK", { "a" => "1", "b" => "2" }]
check "sorted set", [r.zadd("rb:z", [[1.5, "one"], [2, "two"]]), r.zrange("rb:z", 0, -1, with_scores: true)], [2, [["one", 1.5], ["two", 2.0]]]
check "stream", r.xadd("rb:stream", { "a" => "1" }, id: "1-1"), "1-1"
check "xread over slots", r.xread(%w[rb:stream rb:stream2], %w[0 0], block: 1000), { "rb:stream" => [["1-1", { "a" => "1" }]] }
big = "0123456789abcdef" * 200_000
check "big", [r.set("rb:big", big), r.get("rb:big") == big], ["OK", true]
check "info", r.info.key?("redis_version"), true
check "client name", r.client(:getname), "checks"

begin
  r.lpush("rb:a", "x")
  abort "wrong type: no error"
rescue Redis::CommandError => e
  check "wrong type", e.message.start_with?("WRONGTYPE"), true
end

heard = []
ready = Queue.new
listens = Thread.new do
  connect.subscribe("rb:channel", "rb:other") do |on|
    on.subscribe { |_, count| ready << count }
    on.message do |channel, message|
      heard << [channel, message]
      raise Redis::BaseError, "heard" if message == "end"
    end
  end
rescue Redis::BaseError
  nil
end
check "subscribe", [ready.pop, ready.pop], [1, 2]
r.publish("rb:other", "hello")
r.publish("rb:channel", "world")
20.times { heard.size == 2 ? break : sleep(0.5) }
check "messages", heard.sort, [["rb:channel", "world"], ["rb:other", "hello"]]
r.publish("rb:channel", "end")
listens.join(10)

victim = connect
check "kill", r.client(:kill, "ID", victim.client(:id)), 1
check "reconnected by itself", victim.get("{rb}:x"), "2"
puts "#{$passed} checks passed"
