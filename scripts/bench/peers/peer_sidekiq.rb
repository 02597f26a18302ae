# Sidekiq: `sidekiq -r ./peer_sidekiq.rb -q bench -c 10`, and `ruby peer_sidekiq.rb bulk|one N`.
require "json"
require "sidekiq"
Redis.silence_deprecations = true
Redis.sadd_returns_boolean = false if Redis.respond_to?(:sadd_returns_boolean=)
Sidekiq.logger.level = Logger::WARN
url = ENV.fetch("BENCH_REDIS")
Sidekiq.configure_server { |config| config.redis = { url: url } }
Sidekiq.configure_client { |config| config.redis = { url: url } }
DONE = File.open(ENV.fetch("BENCH_DONE"), File::WRONLY | File::APPEND | File::CREAT)

def nanoseconds = Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)
def payload(number) = { "flow" => "bench", "id" => "b#{number}", "session_id" => "s#{number}", "input" => { "filler" => "s" * 100 } }

class Job
  include Sidekiq::Worker
  sidekiq_options queue: "bench", retry: 3

  def perform(_message) = DONE.syswrite([nanoseconds].pack("q<"))
end

if $PROGRAM_NAME == __FILE__
  how, count = ARGV[0], ARGV[1].to_i
  if how == "bulk"
    start = nanoseconds
    (0...count).each_slice(1000) { |some| Sidekiq::Client.push_bulk("class" => Job, "args" => some.map { |number| [payload(number)] }) }
    puts({ enqueued_per_second: count / ((nanoseconds - start) / 1e9) }.to_json)
  else
    latencies = []
    (-10...count).each do |number|
      before, start = DONE.size / 8, nanoseconds
      Job.perform_async(payload(number))
      sleep 0.0002 while DONE.size / 8 == before
      latencies << (IO.binread(DONE.path, 8, before * 8).unpack1("q<") - start) / 1e6 if number >= 0
      sleep 0.002 + (number % 7) / 1000.0
    end
    puts({ latencies_ms: latencies }.to_json)
  end
end
