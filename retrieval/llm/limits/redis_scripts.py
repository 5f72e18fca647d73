"""What runs inside Redis: one provider's limits, seen by all processes at once.

Redis runs a script alone, so counting and taking are one step. Keys of a provider:
`state` (hash), `leases` and `role` (sorted by when they run out), `asked` (requests of
the last minute), `waiting` (questions that wait, sorted by when they are forgotten),
`wanting` (a role's workspaces that wait, in the same way), `served` (hash: when each
workspace was last given a lease; whoever waited longest is next).

`state` holds: until, reason (nobody may ask before then, and why) · window (how many at
once, learnt; absent: no limit is known) · bad (where it last was too much) · cut (when
it was last lowered) · failures, opened (in a row) · level, drained (tokens of a minute).
"""

from __future__ import annotations

TAKE = """
local state, leases, role, asked, waiting, wanting, served =
    KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local id, first = ARGV[1], ARGV[2] == '1'
local role_limit, per_minute, tokens_per_minute, tokens, lease =
    tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]),
    tonumber(ARGV[7])
local workspace = ARGV[9]
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local minute = 60.3  -- requests take unequal time to arrive

local kind = 'limited'

local function no(wait, reason)
    if first and reason ~= 'role' then
        redis.call('ZADD', waiting, now + 1, id)
        redis.call('EXPIRE', waiting, 60)
    end
    -- Longer than whoever waits sleeps between two tries.
    redis.call('ZADD', wanting, now + 1.2, workspace)
    redis.call('EXPIRE', wanting, 60)
    return {'0', tostring(wait), reason, kind}
end

for _, key in ipairs({leases, role, waiting, wanting}) do
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
end
redis.call('ZREMRANGEBYSCORE', asked, '-inf', now - minute)

local known = redis.call(
    'HMGET', state, 'until', 'reason', 'window', 'level', 'drained', 'failures')
local until_ = tonumber(known[1] or 0)
if until_ > now then
    if tonumber(known[6] or 0) >= 5 then kind = 'down' end
    return no(until_ - now, known[2] or 'paused')
end
if not first and redis.call('ZCARD', waiting) > 0 then return no(0.02, 'questions') end
if redis.call('ZCARD', role) >= role_limit then return no(0.02, 'role') end
local window = tonumber(known[3] or 1e9)
if redis.call('ZCARD', leases) >= math.floor(window) then return no(0.02, 'window') end
local mine = tonumber(redis.call('HGET', served, workspace) or 0)
for _, other in ipairs(redis.call('ZRANGE', wanting, 0, -1)) do
    if other ~= workspace and tonumber(redis.call('HGET', served, other) or 0) < mine then
        return no(0.02, 'turn')
    end
end
if per_minute > 0 and redis.call('ZCARD', asked) >= per_minute then
    local oldest = redis.call('ZRANGE', asked, 0, 0, 'WITHSCORES')
    return no(oldest[2] + minute - now, 'requests a minute')
end
if tokens_per_minute > 0 then
    local rate = tokens_per_minute / 60
    local level = math.max(
        0, tonumber(known[4] or 0) - (now - tonumber(known[5] or now)) * rate)
    local over = level + tokens - tokens_per_minute
    if level > 0 and over > 0 then return no(math.min(over, level) / rate, 'tokens a minute') end
    redis.call('HSET', state, 'level', tostring(level + tokens), 'drained', tostring(now))
end
redis.call('ZADD', leases, now + lease, id)
redis.call('ZADD', role, now + lease, id)
redis.call('ZREM', waiting, id)
redis.call('ZREM', wanting, workspace)
redis.call('HSET', served, workspace, tostring(now))
if per_minute > 0 then
    redis.call('ZADD', asked, now, id)
    redis.call('EXPIRE', asked, 120)
end
redis.call('HSETNX', state, 'name', ARGV[8])
for _, key in ipairs({state, leases, role, served}) do redis.call('EXPIRE', key, 86400) end
return {'1', tostring(now), '', ''}
"""

GIVE_BACK = """
local state, leases, role = KEYS[1], KEYS[2], KEYS[3]
local id, outcome, taken, wait, more_tokens, reason =
    ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local at_once = redis.call('ZCARD', leases)
redis.call('ZREM', leases, id)
redis.call('ZREM', role, id)
if more_tokens ~= 0 and redis.call('HEXISTS', state, 'level') == 1 then
    redis.call('HINCRBYFLOAT', state, 'level', more_tokens)
end
local known = redis.call(
    'HMGET', state, 'window', 'bad', 'cut', 'until', 'failures', 'opened')
local window, bad, cut = tonumber(known[1]), tonumber(known[2] or 0), tonumber(known[3] or 0)

local function pause(seconds)
    if now + seconds > tonumber(known[4] or 0) then
        redis.call('HSET', state, 'until', tostring(now + seconds), 'reason', reason)
    end
end

if outcome == 'ok' then
    redis.call('HDEL', state, 'failures', 'opened')
    redis.call('HSET', state, 'answered', tostring(now))
    if window then
        -- Fast to just below where it was too much, then one more in a long while.
        local step = window + 1 < bad and 1 / window or 1 / (window * 50)
        redis.call('HSET', state, 'window', tostring(window + step))
    end
elseif outcome ~= 'other' then
    if taken > cut then  -- a burst of refusals lowers it once
        bad = at_once
        window = math.max(1, math.floor(math.min(window or at_once, at_once) / 2))
        redis.call('HSET', state, 'window', window, 'bad', bad, 'cut', tostring(now))
    end
    if outcome == 'limited' then
        pause(wait)
    else
        local failures = redis.call('HINCRBY', state, 'failures', 1)
        if failures >= 5 then
            local opened = tonumber(known[6] or 0)
            if taken > cut then opened = redis.call('HINCRBY', state, 'opened', 1) end
            redis.call('HSET', state, 'window', 1)
            pause(math.min(60, 2.5 * 2 ^ math.max(opened, 1)))
        end
    end
end
return tostring(now - tonumber(redis.call('HGET', state, 'answered') or 0))
"""
