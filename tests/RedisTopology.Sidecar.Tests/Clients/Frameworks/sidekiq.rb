# Sidekiq: jobs, bulks, two queues, a later one, a retry, a dead one, statistics, the list of processes; its worker is a process of its own.
ENV["CHECKS_PORT"] = ARGV[0]
require_relative "sidekiq_jobs"
require "sidekiq/api"

$passed = 0
def check(name, actual, expected)
  abort "#{name}: expected #{expected.inspect}, was #{actual.inspect}" unless actual == expected
  $passed += 1
end

def wait_for(name)
  600.times do
    return $passed += 1 if yield
    sleep 0.05
  end
  abort "#{name}: not within 30 s"
end

%w[default low].each { |name| Sidekiq::Queue.new(name).clear }
[Sidekiq::RetrySet, Sidekiq::ScheduledSet, Sidekiq::DeadSet].each { |set| set.new.clear }
Sidekiq.redis { |r| r.del("checks:sums", "checks:low", "checks:tries") }
list = ->(name) { Sidekiq.redis { |r| r.lrange(name, 0, -1) } }

Add.perform_async(1, 2)
check "it waits", Sidekiq::Queue.new("default").size, 1
later = Add.perform_in(3600, 1, 1)
check "a later one", Sidekiq::ScheduledSet.new.map(&:jid), [later]
Sidekiq::ScheduledSet.new.find_job(later).delete
soon = Time.now + 1
worker = Process.spawn({ "CHECKS_PORT" => ARGV[0] }, "sidekiq", "-r", File.expand_path("sidekiq_jobs.rb", __dir__), "-c", "3", "-q", "default", "-q", "low", "-t", "2", out: File::NULL, err: File::NULL)
at_exit { Process.kill(:KILL, worker) rescue nil }
wait_for("a job") { list.("checks:sums") == ["3"] }
Sidekiq::Client.push_bulk("class" => Add, "args" => (1..50).map { |i| [i, i] })
wait_for("a bulk") { list.("checks:sums").size == 51 }
20.times { |i| Low.perform_async(i) }
wait_for("another queue") { list.("checks:low").size == 20 }
Flaky.perform_async
Broken.perform_async
wait_for("a failure waits to be tried again") { Sidekiq::RetrySet.new.size == 1 }
check "and is", Sidekiq::RetrySet.new.first.klass, "Flaky"
Sidekiq::RetrySet.new.retry_all
wait_for("a retry") { Sidekiq.redis { |r| r.get("checks:tries") } == "2" }
check "nothing is left", Sidekiq::RetrySet.new.size, 0
Add.perform_at(soon, 100, 1)
Sidekiq::ScheduledSet.new.each(&:add_to_queue)
wait_for("a scheduled one") { list.("checks:sums").include?("101") }
wait_for("the process") { Sidekiq::ProcessSet.new.size >= 1 }
stats = Sidekiq::Stats.new
check "queues", stats.queues.keys.sort & %w[default low], %w[default low]
check "enqueued", stats.enqueued, 0
Process.kill(:TERM, worker)
Process.wait(worker)
wait_for("statistics") { Sidekiq::Stats.new.processed >= 73 }
puts "#{$passed} checks passed (Sidekiq)"
