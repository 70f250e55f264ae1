-- wrk: one kind of request, as the environment says. PUT names are different for every request.
local method = os.getenv("BENCH_METHOD") or "GET"
local path = os.getenv("BENCH_PATH")
local size = tonumber(os.getenv("BENCH_SIZE") or "0")
local depth = os.getenv("BENCH_DEPTH")
local auth = os.getenv("BENCH_AUTH")
local props = os.getenv("BENCH_BODY")
local thread_count = 0
local counter = 0

function setup(thread)
  thread_count = thread_count + 1
  thread:set("id", thread_count)
end

function init(args)
  headers = { ["Authorization"] = auth }
  if depth then headers["Depth"] = depth end
  if props then headers["Content-Type"] = "application/xml" end
  if size > 0 then body = string.rep("x", size) else body = props end
  fixed = wrk.format(method, path, headers, body)
end

function request()
  if method ~= "PUT" then return fixed end
  counter = counter + 1
  return wrk.format("PUT", path .. id .. "-" .. counter, headers, body)
end

function done(summary, latency, requests)
  local bad = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.write(string.format("RESULT %.1f %.3f %.3f %d\n", summary.requests / (summary.duration / 1000000),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, bad))
end
