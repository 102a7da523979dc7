-- What wrk sends to the service and to its floor, the same to both.
--   wrk ... --script service.lua URL -- KIND RECORD RUN SEEDED POSTED
-- KIND is latest, post or keyed; RECORD the file of a record; RUN a number that no other run has; GETs ask for one of
-- SEEDED users, POSTs are of one of POSTED. At the end it prints one line of JSON; times are microseconds.

local kind, run, seeded, posted, head, tail
local sent = 0
local FIRST_USER, FIRST_STOP = 202000000, 1588114545442

function init(arguments)
   kind, run = arguments[1], tonumber(arguments[3])
   seeded, posted = tonumber(arguments[4]), tonumber(arguments[5])
   local file = assert(io.open(arguments[2], "rb"))
   head, tail = file:read("*a"):match('^(.*)"tsStop":%d+,"userId":%d+(.*)$')
   file:close()
end

function request()
   sent = sent + 1
   if kind == "latest" then
      -- 7919 is prime: neighbours in time are no neighbours on a page of the table.
      return wrk.format("GET", "/rest/read/json/latest/" .. FIRST_USER + sent * 7919 % seeded)
   end
   local headers = {["Content-Type"] = "application/json"}
   if kind == "keyed" then
      headers["Idempotency-Key"] = "run-" .. run .. "-" .. sent
   end
   -- A run has a range of tsStop to itself. As long as the original, so that every body has the same size.
   local stop = string.format("%.0f", FIRST_STOP + run * 1e6 + sent)
   local user = FIRST_USER + sent * 7919 % posted
   return wrk.format("POST", "/rest/records", headers, head .. '"tsStop":' .. stop .. ',"userId":' .. user .. tail)
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      '\n{"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "connect": %d, "read": %d, "write": %d,'
      .. ' "status": %d, "timeout": %d}\n',
      summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
      errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
