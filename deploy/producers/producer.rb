# Pushes a job for Penstock onto a Redis list, waits up to 30 s for its end and prints it, as JSON.
#
#     ruby producer.rb FLOW SESSION INPUT_JSON [QUEUE]
#     ruby producer.rb greet user-123 '{"name": "Ada"}'
#
# Needs redis (gem install redis, Debian's ruby-redis). PENSTOCK_REDIS_URL says where Redis is (redis://host:port/db,
# redis+unix:///path.sock), PENSTOCK_PREFIX what its keys begin with. Ends with 0 if the job is done, otherwise with 1.

require "json"
require "redis"
require "securerandom"

flow, session, input, queue = *ARGV, "default"
prefix = ENV.fetch("PENSTOCK_PREFIX", "penstock:")
url = ENV.fetch("PENSTOCK_REDIS_URL", "redis://127.0.0.1:6379/0")
server = Redis.new(url: url.sub("redis+unix://", "unix://"))

job = {flow: flow, id: SecureRandom.uuid, session_id: session, input: JSON.parse(input)}
server.lpush("#{prefix}queue:#{queue}", JSON.generate(job))

ended = "#{prefix}ended:#{job[:id]}" # BLMOVE reads it and leaves it there, for others that wait
notice = server.blmove(ended, ended, "RIGHT", "RIGHT", timeout: 30) or abort "job #{job[:id]} has not ended within 30 s"
puts notice
exit JSON.parse(notice)["status"] == "done"
