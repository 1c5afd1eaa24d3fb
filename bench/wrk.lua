-- What wrk sends: documents, each another one (BODY set), or pages of the feed from random places (NEWEST set).
local body, newest, page = os.getenv("BODY"), tonumber(os.getenv("NEWEST") or "0"), os.getenv("PAGE")
local number, thread_number = 0, 0

function setup(thread)
  thread:set("own", thread_number)
  thread_number = thread_number + 1
end

function init(args)
  math.randomseed(own + 1)
  wrk.headers["Authorization"] = "Bearer " .. os.getenv("KEY")
end

function request()
  number = number + 1
  if body then
    wrk.headers["Content-Type"] = "text/plain; charset=utf-8"
    return wrk.format("POST", "/api/v1/documents", nil, os.getenv("NAME") .. own .. " " .. number .. ". " .. body)
  end
  local from = math.random(0, math.max(newest - tonumber(page), 0))
  return wrk.format("GET", "/api/v1/changes?limit=" .. page .. "&after=" .. from)
end

function done(summary, latency, requests)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.write(string.format("RESULT %d %f %f %f %d\n", summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, failed))
end
