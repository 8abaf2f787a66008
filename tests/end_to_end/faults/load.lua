-- Load by wrk, of which each thread has one connection: so an answer is that of the question before it. Questions come at
-- an even pace from a file of names, in which {n} becomes a number below the third argument, and {new} one that was never
-- asked before. Every different answer is kept, with how often it came; whether it is right is for the test to say.
local ffi = require("ffi")
ffi.cdef [[
typedef struct { long seconds; long nanoseconds; } moment;
int clock_gettime(int clock, moment *now);
]]

local moment = ffi.new("moment")

-- Milliseconds of the monotonic clock.
local function now()
  ffi.C.clock_gettime(1, moment)
  return tonumber(moment.seconds) * 1e3 + tonumber(moment.nanoseconds) / 1e6
end

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  folder, pace, many, bound = args[1], tonumber(args[2]), tonumber(args[3]), tonumber(args[4])
  questions = {}
  for line in io.lines(folder .. "/questions") do
    table.insert(questions, line)
  end
  turn, sent, answered, late, slowest = 0, 0, 0, 0, 0
  started, answers = false, {}
end

local function stopped()
  local file = io.open(folder .. "/stop")
  if file then file:close() end
  return file ~= nil
end

-- Milliseconds until the next question, which never comes once the load is to stop.
function delay()
  -- wrk makes one question up before the first that it sends.
  if not started then started, sent = true, 0 end
  if stopped() then return 3600 * 1000 end
  return pace
end

function request()
  local question = questions[(turn + number) % #questions + 1]
  local serial = 8 * turn + number
  local name = question:gsub("{n}", tostring(serial % many)):gsub("{new}", tostring(serial))
  turn, sent, begun = turn + 1, sent + 1, now()
  -- What is asked once is told of without its number, or no two answers would be the same.
  asked = question:find("{new}", 1, true) and question or name
  return wrk.format("POST", "/", { ["Content-Type"] = "application/cnrp+xml" },
    "<cnrp><query><commonname>" .. name .. "</commonname></query></cnrp>")
end

function response(status, headers, body)
  local took = now() - begun
  answered, slowest = answered + 1, math.max(slowest, took)
  if took > bound then late = late + 1 end
  local answer = asked .. " " .. status .. "\n" .. body
  answers[answer] = (answers[answer] or 0) + 1
end

function done(summary, latency, requests)
  local sum = { sent = 0, answered = 0, late = 0 }
  local slowest, all, folder = 0, {}, threads[1]:get("folder")
  for _, thread in ipairs(threads) do
    for name, count in pairs(sum) do sum[name] = count + thread:get(name) end
    slowest = math.max(slowest, thread:get("slowest"))
    for answer, count in pairs(thread:get("answers")) do all[answer] = (all[answer] or 0) + count end
  end
  local file = assert(io.open(folder .. "/answers.part", "wb"))
  file:write(string.format("%d %d %d %d %d\n", sum.sent, sum.answered, sum.late, summary.errors.connect, slowest))
  for answer, count in pairs(all) do file:write(count, " ", #answer, " ", answer, "\n") end
  file:close()
  os.rename(folder .. "/answers.part", folder .. "/answers")
end
