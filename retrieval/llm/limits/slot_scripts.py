"""Lua scripts that acquire and release a slot of a provider for all processes.

Redis runs a script alone, so checking the limits and taking the slot is one step. Keys
of a provider: `state` (hash), `leases` and `role` (sorted sets of slots by expiry),
`requests` (requests of the last minute), `waiting_questions` (by expiry),
`waiting_workspaces` (of the role, by expiry) and `served` (hash: when each workspace
last got a slot; the workspace that has waited longest is next).

Fields of `state`: `until` and `reason` (the pause and its cause); `ceiling` and
`reduced` (requests in flight at the last 429, and when it came); `failures` (in a row),
`opened` and `opened_at` (pauses in a row, and the last one's start); `level` and
`drained` (tokens of the last minute); `answered` (the last success); `failed_request`
(a hash of the request that failed last); `rejected` (why the key was refused); `name`.

After a 429 the provider gets half of the requests that were in flight. The number rises
for 30 s to one below the ceiling, stays there until two minutes have passed, then rises
by one every 5 s, and is forgotten after five minutes. Failures do not change it: after
five in a row the provider is paused, and then gets one request until one succeeds.
"""

from __future__ import annotations

_WINDOW = """
-- Requests that the provider may have in flight; nil: no limit is known.
local function window(ceiling, reduced, failures, now)
    if failures >= 5 then return 1 end
    local age = now - reduced
    if not ceiling or age >= 300 then return nil end
    local rising = ceiling * (0.5 + age / 60)
    local steady = ceiling - 1 + math.max(0, age - 120) / 5
    return math.max(1, math.floor(math.min(rising, steady)))
end
"""

ACQUIRE = (
    _WINDOW
    + """
local state, leases, role, requests, waiting_questions, waiting_workspaces, served =
    KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local id, is_question = ARGV[1], ARGV[2] == '1'
local role_limit, per_minute, tokens_per_minute, tokens, lease =
    tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]),
    tonumber(ARGV[7])
local workspace = ARGV[9]
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local minute = 60.3  -- the time a request takes to arrive varies

local kind = 'limited'

local function refuse(wait, reason)
    if is_question and reason ~= 'role' then
        redis.call('ZADD', waiting_questions, now + 1, id)
        redis.call('EXPIRE', waiting_questions, 60)
    end
    -- Longer than a client sleeps between two tries.
    redis.call('ZADD', waiting_workspaces, now + 1.2, workspace)
    redis.call('EXPIRE', waiting_workspaces, 60)
    return {'0', tostring(wait), reason, kind}
end

for _, key in ipairs({leases, role, waiting_questions, waiting_workspaces}) do
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
end
redis.call('ZREMRANGEBYSCORE', requests, '-inf', now - minute)

local values = redis.call('HMGET', state,
    'until', 'reason', 'ceiling', 'reduced', 'failures', 'level', 'drained')
local paused_until, reason = tonumber(values[1] or 0), values[2] or 'paused'
local failures = tonumber(values[5] or 0)
if paused_until > now then
    if failures >= 5 then kind = 'down' end
    return refuse(paused_until - now, reason)
end
if not is_question and redis.call('ZCARD', waiting_questions) > 0 then
    return refuse(0.02, 'questions')
end
if redis.call('ZCARD', role) >= role_limit then return refuse(0.02, 'role') end
local limit = window(tonumber(values[3]), tonumber(values[4] or 0), failures, now)
if limit and redis.call('ZCARD', leases) >= limit then return refuse(0.02, 'window') end
local mine = tonumber(redis.call('HGET', served, workspace) or 0)
for _, other in ipairs(redis.call('ZRANGE', waiting_workspaces, 0, -1)) do
    if other ~= workspace and tonumber(redis.call('HGET', served, other) or 0) < mine then
        return refuse(0.02, 'turn')
    end
end
if per_minute > 0 and redis.call('ZCARD', requests) >= per_minute then
    local oldest = redis.call('ZRANGE', requests, 0, 0, 'WITHSCORES')
    return refuse(oldest[2] + minute - now, 'requests per minute')
end
if tokens_per_minute > 0 then
    local rate = tokens_per_minute / 60
    local level = math.max(
        0, tonumber(values[6] or 0) - (now - tonumber(values[7] or now)) * rate)
    local over = level + tokens - tokens_per_minute
    if level > 0 and over > 0 then
        return refuse(math.min(over, level) / rate, 'tokens per minute')
    end
    redis.call('HSET', state, 'level', tostring(level + tokens), 'drained', tostring(now))
end
redis.call('ZADD', leases, now + lease, id)
redis.call('ZADD', role, now + lease, id)
redis.call('ZREM', waiting_questions, id)
redis.call('ZREM', waiting_workspaces, workspace)
redis.call('HSET', served, workspace, tostring(now))
if per_minute > 0 then
    redis.call('ZADD', requests, now, id)
    redis.call('EXPIRE', requests, 120)
end
redis.call('HSETNX', state, 'name', ARGV[8])
for _, key in ipairs({state, leases, role, served}) do redis.call('EXPIRE', key, 86400) end
return {'1', tostring(now), '', ''}
"""
)

RELEASE = """
local state, leases, role = KEYS[1], KEYS[2], KEYS[3]
local id, outcome, acquired, wait, more_tokens, reason, request =
    ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6],
    ARGV[7]
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local in_flight = redis.call('ZCARD', leases)
redis.call('ZREM', leases, id)
redis.call('ZREM', role, id)
if more_tokens ~= 0 and redis.call('HEXISTS', state, 'level') == 1 then
    redis.call('HINCRBYFLOAT', state, 'level', more_tokens)
end

local function field(name) return tonumber(redis.call('HGET', state, name) or 0) end

local function pause(seconds)
    if now + seconds > field('until') then
        redis.call('HSET', state, 'until', tostring(now + seconds), 'reason', reason)
    end
end

local function reduce()
    local reduced = field('reduced')
    -- A burst of refusals reduces it once. A lone request was not one too many.
    if acquired <= reduced or in_flight < 2 then return end
    local least = now - reduced < 300 and 2 or 4  -- the first 429 leaves two or more
    redis.call('HSET', state,
        'ceiling', math.max(in_flight, least), 'reduced', tostring(now))
end

if outcome == 'ok' then
    redis.call('HDEL', state, 'failures', 'opened', 'rejected')
    redis.call('HSET', state, 'answered', tostring(now))
elseif outcome == 'limited' then
    reduce()
    pause(wait)
elseif outcome == 'rejected' then
    redis.call('HSET', state, 'rejected', reason)
elseif outcome == 'unreachable' or outcome == 'failed' or outcome == 'timeout' then
    -- The same request again may be the cause itself: it counts once.
    local is_same = outcome ~= 'unreachable' and request ~= ''
        and redis.call('HGET', state, 'failed_request') == request
    redis.call('HSET', state, 'failed_request', request)
    if redis.call('HINCRBY', state, 'failures', is_same and 0 or 1) >= 5 then
        if acquired > field('opened_at') then
            redis.call('HINCRBY', state, 'opened', 1)
            redis.call('HSET', state, 'opened_at', tostring(now))
        end
        -- Timeouts in a row: it may answer fewer requests at once in time.
        if outcome == 'timeout' then reduce() end
        pause(math.min(60, 2.5 * 2 ^ math.max(field('opened'), 1)))
    end
end
return tostring(now - field('answered'))
"""

WINDOW = (
    _WINDOW
    + """
local values = redis.call('HMGET', KEYS[1], 'ceiling', 'reduced', 'failures')
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local limit = window(
    tonumber(values[1]), tonumber(values[2] or 0), tonumber(values[3] or 0), now)
return limit or -1
"""
)
"""Returns the provider's window, -1 if there is none; its key is `state`."""
