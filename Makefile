# What a person runs, and what CI runs. `make help` lists it all.

CONFIGURATION ?= Release
SOLUTION := RedisTopologyOperator.sln
OPERATOR := src/RedisTopology.Operator/bin/$(CONFIGURATION)/net10.0/redis-topology-operator.dll
UNIT := Core Kubernetes Operator
SIDECAR := src/RedisTopology.Sidecar/bin/$(CONFIGURATION)/net10.0/redis-topology-sidecar.dll
ARCH ?= $(if $(filter aarch64,$(shell uname -m)),arm64,x64)
BUILD := dotnet build -c $(CONFIGURATION) -nologo --nodeReuse:false

export CONFIGURATION
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

.DEFAULT_GOAL := help
.PHONY: help build client-suites conformance frameworks fuzz soak check lint format format-check generated-check shell-check simulate storm test test-unit test-integration bench demo cli sidecar sidecar-demo manifests deps clean pack sample publish images

help: ## List these targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build everything; warnings are errors
	$(BUILD) -warnaserror $(SOLUTION)

check: lint ## What must hold before a commit: lint, and the unit tests
	tests/scripts/run-tests.sh $(UNIT)

lint: format-check shell-check generated-check ## Format, build, generated files, scripts

# Whitespace only: the style rules are warnings of the build (EnforceCodeStyleInBuild), and there warnings are errors.
format: ## Format the code
	dotnet format whitespace --folder src
	dotnet format whitespace --folder tests

format-check:
	dotnet format whitespace --folder src --verify-no-changes
	dotnet format whitespace --folder tests --verify-no-changes

generated-check: build
	tests/scripts/check-generated.sh $(OPERATOR) $(SIDECAR)

shell-check:
	tests/scripts/check-shell.sh

test: build ## Run every test that can run here; ends with the sum over all projects
	tests/scripts/run-tests.sh

test-unit: build ## Run the tests of Core, Kubernetes and Operator
	tests/scripts/run-tests.sh $(UNIT)

test-integration: build ## Run the tests on a real API server with real redis-server processes (root)
	tests/scripts/run-tests.sh Integration

simulate: ## Run SCHEDULES=5000 random simulated schedules of the planner; a failure prints its seed and its course
	$(BUILD) tests/RedisTopology.Core.Tests
	REDIS_TOPOLOGY_SCHEDULES=$(or $(SCHEDULES),5000) dotnet tests/RedisTopology.Core.Tests/bin/$(CONFIGURATION)/net10.0/RedisTopology.Core.Tests.dll -method '*random_seed' -showLiveOutput

storm: ## Edit clusters on a real API server at random for MINUTES=10, under load, from SEED=1 on; FAULTS=1 kills, freezes and cuts off servers too; ENGINE="Valkey 9.0", SIDECAR=no or master (all read from masters); a failure prints its seed and its course (root)
	$(BUILD) tests/RedisTopology.Integration.Tests
	REDIS_TOPOLOGY_STORM_MINUTES=$(or $(MINUTES),10) REDIS_TOPOLOGY_STORM_SEED=$(SEED) REDIS_TOPOLOGY_STORM_FAULTS=$(FAULTS) \
	REDIS_TOPOLOGY_STORM_ENGINE="$(ENGINE)" REDIS_TOPOLOGY_STORM_SIDECAR=$(SIDECAR) \
	  dotnet tests/RedisTopology.Integration.Tests/bin/$(CONFIGURATION)/net10.0/RedisTopology.Integration.Tests.dll -method '*A_long_storm*' -showLiveOutput

fuzz: ## Put random and malformed commands before the sidecar and one server for SECONDS=60 each, and compare; a failure prints its seed
	$(BUILD) tests/RedisTopology.Sidecar.Tests
	REDIS_TOPOLOGY_FUZZ_SECONDS=$(or $(SECONDS),60) dotnet tests/RedisTopology.Sidecar.Tests/bin/$(CONFIGURATION)/net10.0/RedisTopology.Sidecar.Tests.dll -class '*.Fuzz.*' -showLiveOutput

conformance: ## Run Redis' own tests (Debian's source package) through the sidecar; UNITS="unit/type/zset ..." for some of them
	$(BUILD) src/RedisTopology.Sidecar
	tests/scripts/conformance.sh $(UNITS)

client-suites: ## Run the test suites of public clients (Debian's source packages) against the sidecar; SUITES="Redis.pm hiredis" for some of them
	$(BUILD) src/RedisTopology.Sidecar
	tests/scripts/client-suites.sh $(SUITES)

frameworks: ## Run application frameworks (Celery, Sidekiq, BullMQ, ...) before a plain server and the sidecar; NAMES="celery bullmq" for some of them
	$(BUILD) src/RedisTopology.Sidecar
	tests/scripts/frameworks.sh $(NAMES)

soak: sidecar ## Have clients come and go at random before the native sidecar for MINUTES=60, each PAUSE=0 milliseconds after another: no reply mixed up, no memory lost
	$(BUILD) tests/RedisTopology.Sidecar.Tests
	REDIS_TOPOLOGY_SIDECAR=$(CURDIR)/artifacts/sidecar/linux-$(ARCH)/redis-topology-sidecar REDIS_TOPOLOGY_SOAK_PAUSE=$(or $(PAUSE),0) \
	  REDIS_TOPOLOGY_SOAK_MINUTES=$(or $(MINUTES),60) dotnet tests/RedisTopology.Sidecar.Tests/bin/$(CONFIGURATION)/net10.0/RedisTopology.Sidecar.Tests.dll -class '*.ChurnTests' -showLiveOutput

bench: ## Measure what the operator costs; ARGS="..." is passed on
	dotnet run -c Release --project tests/bench/RedisTopology.Bench -- $(ARGS)

# A cluster is used only when it is named on the command line; the KUBECONFIG somebody happens to be logged in with is not.
demo: ## Show it: a cluster forms, serves keys and survives the loss of a master; KUBECONFIG=... for an existing cluster, ARGS=--once to end after it
	@tests/scripts/demo.sh $(if $(filter command line,$(origin KUBECONFIG)),--kubeconfig "$(patsubst ~/%,$(HOME)/%,$(KUBECONFIG))") $(ARGS)

cli: ## Build kubectl-cache as one file in artifacts/cli, for your PATH; ARCH=arm64 or x64 for another machine
	tests/scripts/publish-cli.sh $(ARCH)

sidecar: ## Build the sidecar as one native file in artifacts/sidecar; ARCH=arm64 or x64 for another machine
	tests/scripts/publish-sidecar.sh $(ARCH)

sidecar-demo: ## Show the sidecar before a cluster of redis-server processes on this machine; ARGS=--once to end after it
	@tests/scripts/sidecar-demo.sh $(ARGS)

sample: ## Run the sample application before a cluster of redis-server processes on this machine; ARGS=--once to end after a few requests
	$(BUILD) src/RedisTopology.Sidecar
	$(BUILD) src/samples/BlogCricketTweets
	@tests/scripts/sample.sh $(ARGS)

pack: ## Pack the client library and what it needs as NuGet packages in artifacts/packages
	for project in Core Population Client; do dotnet pack -c $(CONFIGURATION) -nologo --nodeReuse:false src/RedisTopology.$$project -o artifacts/packages || exit 1; done

publish: ## Build what the images hold, and their SBOMs, in artifacts/publish; ARCH="x64 arm64" for both
	tests/scripts/publish.sh $(ARCH)

images: publish ## Build the images of operator and sidecar; BASE=..., REGISTRY=..., TAG=... and PLATFORMS=linux/amd64,linux/arm64 as tests/scripts/images.sh says
	tests/scripts/images.sh

manifests: ## Regenerate config/crd, config/rbac, their copies in charts/, and docs/reference from the C# types
	$(BUILD) src/RedisTopology.Operator
	$(BUILD) src/RedisTopology.Sidecar
	dotnet $(OPERATOR) manifests --output config --docs docs --charts charts
	dotnet $(SIDECAR) docs docs

deps: ## Install what the tests and the demo need (Debian or Ubuntu, root)
	tests/scripts/install-test-deps.sh

clean: ## Remove everything that was built
	find src tests -type d \( -name bin -o -name obj -o -name TestResults \) -prune -exec rm -rf {} +
	rm -rf artifacts BenchmarkDotNet.Artifacts
