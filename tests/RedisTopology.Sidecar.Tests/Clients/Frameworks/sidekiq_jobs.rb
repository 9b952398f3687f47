# The jobs of sidekiq.rb.
require "sidekiq"

PORT = Integer(ENV.fetch("CHECKS_PORT"))
Sidekiq.configure_server { |config| config.redis = { url: "redis://127.0.0.1:#{PORT}/0" } }
Sidekiq.configure_client { |config| config.redis = { url: "redis://127.0.0.1:#{PORT}/0" } }

class Add
  include Sidekiq::Worker
  def perform(x, y) = Sidekiq.redis { |r| r.rpush("checks:sums", x + y) }
end

class Low
  include Sidekiq::Worker
  sidekiq_options queue: "low"
  def perform(x) = Sidekiq.redis { |r| r.rpush("checks:low", x) }
end

class Flaky
  include Sidekiq::Worker
  sidekiq_options retry: 3
  sidekiq_retry_in { 0 }
  def perform = Sidekiq.redis { |r| raise "not yet" if r.incr("checks:tries") < 2 }
end

class Broken
  include Sidekiq::Worker
  sidekiq_options retry: 0
  def perform = raise("never")
end
