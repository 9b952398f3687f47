-- lua-redis, unmodified, against 127.0.0.1:<port>: everything a single-node client does.
local redis = require 'redis'

local port = tonumber(arg[1])
local passed = 0

local function check(name, actual, expected)
  if tostring(actual) ~= tostring(expected) then
    error(name .. ': expected ' .. tostring(expected) .. ', was ' .. tostring(actual))
  end
  passed = passed + 1
end

local r = redis.connect('127.0.0.1', port)
check('ping', r:ping(), true)
check('set', r:set('lu:a', 1), true)
check('get', r:get('lu:a'), 1)
check('mset', r:mset({ ['lu:1'] = 1, ['lu:2'] = 2 }), true)
check('mget', table.concat(r:mget('lu:1', 'lu:2'), ','), '1,2')

local replies = r:pipeline(function(p)
  for i = 1, 300 do
    p:set('lu:p' .. i, i)
    p:get('lu:p' .. i)
  end
end)
check('pipeline', replies[600], 300)

replies = r:transaction(function(t)
  t:set('{lu}:x', 1)
  t:incr('{lu}:x')
end)
check('multi/exec', replies[2], 2)
r:transaction({ watch = '{lu}:x', cas = true, retry = 2 }, function(t)
  local value = t:get('{lu}:x')
  t:multi()
  t:set('{lu}:x', value + 1)
end)
check('watch', r:get('{lu}:x'), 3)

-- As many programs keep it: Lua writes numbers with 14 digits.
local cursor, seen, count = 0, {}, 0
repeat
  local page = r:scan(cursor, { match = 'lu:p*', count = 20 })
  cursor = tonumber(page[1])
  for _, key in ipairs(page[2]) do
    count = count + (seen[key] and 0 or 1)
    seen[key] = true
  end
until cursor == 0
check('scan', count, 300)

check('eval', r:eval('return ARGV[1]', 1, 'lu:k', 'v'), 'v')
check('hash', r:hmset('lu:h', { a = 1 }) and r:hgetall('lu:h').a, 1)
check('info', r:info() ~= nil, true)

local listener = redis.connect('127.0.0.1', port)
for message, abort in listener:pubsub({ subscribe = { 'lu:channel' } }) do
  if message.kind == 'subscribe' then
    r:publish('lu:channel', 'hello')
  elseif message.kind == 'message' then
    check('message', message.payload, 'hello')
    abort()
  end
end
print(passed .. ' checks passed (lua-redis)')
