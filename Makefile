# Tool versions are pinned here and nowhere else.
GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0

GO ?= go
# Paths of this machine stay out of binaries, and build, test and demo share one build cache.
export GOFLAGS ?= -trimpath
ARGS ?=
FUZZTIME ?= 10s

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/windlass
	$(GO) build -ldflags "-s -w" -o bin/windlass ./cmd/windlass

NFPM := github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2
VERSION ?= $(shell git describe --tags --match 'v*' 2>/dev/null || echo v0.0.0)

COMMITTED := $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
RELEASE := -version $(VERSION:v%=%) -time $(COMMITTED)

# The linker warns of getaddrinfo and dlopen: DuckDB's own network code has them, which
# Windlass doesn't use.
.PHONY: static
static: ## build bin/static/windlass for Linux, which needs no libraries (with a C compiler)
	$(GO) build -tags netgo,osusergo -o bin/static/windlass -ldflags \
		'-s -w -X main.version=$(VERSION:v%=%) -linkmode external -extldflags "-static"' ./cmd/windlass

.PHONY: pages
pages: build ## write the man pages and completions into bin
	@rm -rf bin/man bin/completion && mkdir -p bin/completion
	@$(GO) run ./tools/manpages -version $(VERSION:v%=%) -date $(shell git log -1 --format=%cs) -out bin/man
	@bin/windlass completion bash >bin/completion/windlass
	@bin/windlass completion zsh >bin/completion/_windlass
	@bin/windlass completion fish >bin/completion/windlass.fish

.PHONY: bin/nfpm
bin/nfpm:
	@GOBIN="$(CURDIR)/bin" $(GO) install $(NFPM)

.PHONY: package
package: static pages bin/nfpm ## build a deb and an rpm for this machine into bin/release
	@mkdir -p bin/release
	@for packager in deb rpm; do \
		GOARCH=$$($(GO) env GOARCH) VERSION=$(VERSION:v%=%) \
		bin/nfpm package --config deploy/package/nfpm.yaml --packager $$packager --target bin/release || exit 1; done

.PHONY: image
image: static ## build a container image into bin/release, for docker load
	cd tools/release && $(GO) run . image $(RELEASE) -arch $$($(GO) env GOARCH)

HELM := helm.sh/helm/v3/cmd/helm@v3.22.0
CHART := deploy/helm/windlass

.PHONY: bin/helm
bin/helm:
	@GOBIN="$(CURDIR)/bin" $(GO) install $(HELM)

.PHONY: chart
chart: bin/helm ## check the Helm chart, and write the plain Kubernetes manifest from it
	@bin/helm lint --quiet $(CHART)
	@bin/helm template windlass $(CHART) --set database.existingSecret=pg,database.rows=true,existingSecret=keys \
		--set config.audit_archive=s3://acme/audit,replicas=3,ingress.enabled=true,podDisruptionBudget.enabled=true \
		--set metrics.serviceMonitor=true,metrics.rules=true,backup.to=s3://acme/backup >/dev/null
	@! bin/helm template windlass $(CHART) --set replicas=2 >/dev/null 2>&1 || { echo "two replicas with local rows"; exit 1; }
	@{ echo "# Written by make chart from deploy/helm/windlass with its default values."; \
		bin/helm template windlass $(CHART) | grep -v '^# Source\|managed-by: Helm\|helm.sh/chart'; } \
		>deploy/kubernetes/windlass.yaml

.PHONY: release
release: package image ## build packages, image and archives for five platforms into bin/release, with sums and SBOMs
	cd tools/release && $(GO) run . archives $(RELEASE) && $(GO) run . sums

.PHONY: cross
cross: ## build without a C compiler, for this machine and for others
	CGO_ENABLED=0 $(GO) build -o /dev/null ./cmd/windlass
	CGO_ENABLED=0 GOOS=linux GOARCH=arm64 $(GO) build -o /dev/null ./cmd/windlass
	CGO_ENABLED=0 GOOS=darwin GOARCH=arm64 $(GO) build -o /dev/null ./cmd/windlass
	CGO_ENABLED=0 GOOS=windows GOARCH=amd64 $(GO) build -o /dev/null ./cmd/windlass

.PHONY: run
run: build ## run the demo with its state in ./windlass-demo, which a second run continues
	@bin/windlass demo --dir windlass-demo

.PHONY: demo
demo: build ## run the main job on this machine without an AWS account (ARGS="--once --json")
	@bin/windlass demo $(ARGS)

# Without the debugger's tables, each of the many test binaries links in half the time. Many
# tests wait, for a timer or another process, so more of them run at a time than processors.
TEST_FLAGS := -ldflags=-w -parallel 4

.PHONY: test
test: ## run every test
	$(GO) test $(TEST_FLAGS) -timeout 20m ./...
	cd tools/release && $(GO) test ./...

# These prove something by the number of their cases, one after the other: no two things
# run at the same time in them.
ENUMERATIONS := TestFormatsPage|TestFindAgainstRows|TestAttackHostileWorkbooks|TestSearchesAsSegments|TestManyPaths|TestSelectLongKeys|TestKeys

# SQLite is C translated to Go, whose own accesses take most of the detector's time and aren't
# ours: without them the tests take a quarter of it.
RACE := -race -gcflags='modernc.org/...=-race=false' $(TEST_FLAGS)

# The folders outside e2e and tools whose code or tests start goroutines or share values between
# them. "make race RACED=./..." runs the tests of all.
CONCURRENCY := ^[[:space:]]*go [a-zA-Z]|\.Go\(|errgroup\.|atomic\.|sync\.(Wait|Mutex|RWMutex|Once|Map|Cond|Pool)
RACED ?= $(shell git grep -lE '$(CONCURRENCY)' -- '*.go' ':!e2e' ':!tools' | xargs -n1 dirname | sort -u | sed 's|^|./|')

.PHONY: race
race: ## run the tests of concurrent code under the race detector, except browser tests and long enumerations
	$(GO) test $(RACE) -vet=off -timeout 30m -skip 'InABrowser|^($(ENUMERATIONS))$$' $(RACED)

.PHONY: lint
lint: ## check formatting, layers, common mistakes and wording
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	@GO="$(GO)" ./.ci/words
	$(GO) run $(GOLANGCI_LINT) run ./...
	cd tools/release && $(GO) run $(GOLANGCI_LINT) run ./...

.PHONY: words
words: ## check the wording of code, templates, docs and commit subjects
	@GO="$(GO)" ./.ci/words

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME each; fails when one ran no input
	@GO="$(GO)" FUZZTIME=$(FUZZTIME) sh ./.ci/fuzz

.PHONY: e2e
e2e: ## test the built binary: walkthroughs, browser, kill -9
	$(GO) test ./e2e

.PHONY: bench-rows
bench-rows: ## read rows from files and through the service beside an in-memory handler; print the ratios
	$(GO) test ./internal/engine/segment/parquetfile -run '^$$' -bench 'Serve|Run' -benchtime 1x -timeout 30m
	$(GO) test ./internal/server -run '^$$' -bench 'Delivery|Stream|Growth|ReadWhileLoading' -benchtime 1x -timeout 30m

.PHONY: bench-api
bench-api: ## measure what the service adds to a read beside the engine's own time, and print both
	$(GO) test ./internal/server -run '^$$' -bench API -benchtime 1x -timeout 30m

.PHONY: bench-memory
bench-memory: build ## load 1 GB and 100,000 small objects under a memory setting, and print the peaks
	@$(GO) run ./tools/loadbench -windlass bin/windlass $(ARGS)

.PHONY: bench-peers
bench-peers: build ## load rows beside DuckDB, and read them beside pREST if it is there; print the ratios
	@$(GO) run ./tools/loadbench -windlass bin/windlass -peers -rows 5000000 -memory 512 $(ARGS)

.PHONY: bench-sql
bench-sql: ## run aggregates over files with rows beside a native DuckDB table, and print the ratios
	$(GO) test ./internal/engine/sql -run '^$$' -bench Aggregates -benchtime 1x -timeout 30m

.PHONY: bench-iam
bench-iam: ## compare decisions with other policy engines, and print the ratios
	cd tools/iambench && $(GO) run .

BENCH := bin/bench
VERSITYGW := github.com/versity/versitygw/cmd/versitygw@v1.8.0
MINIO := github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c

.PHONY: bench-sandbox
bench-sandbox: build ## compare put, get and list with versitygw and MinIO, and print the ratios
	@GOBIN="$(CURDIR)/$(BENCH)" $(GO) install $(VERSITYGW)
	@GOBIN="$(CURDIR)/$(BENCH)" $(GO) install $(MINIO) || echo "MinIO can't be built and is left out"
	@$(GO) run ./tools/sandboxbench -windlass bin/windlass -versitygw $(BENCH)/versitygw \
		-minio "$$(test -x $(BENCH)/minio && echo $(BENCH)/minio)" $(ARGS)

.PHONY: conformance
conformance: ## run versitygw's IAM and S3 tests against the sandbox, and print the failures
	@GOBIN="$(CURDIR)/$(BENCH)" $(GO) install $(VERSITYGW)
	@$(GO) run ./tools/conformance -versitygw $(BENCH)/versitygw $(ARGS)

MC := github.com/minio/mc@v0.0.0-20250313080218-cf909e1063a9

.PHONY: stores
stores: ## build MinIO and its client for the access key tests of e2e
	@GOBIN="$(CURDIR)/$(BENCH)" $(GO) install $(MINIO)
	@GOBIN="$(CURDIR)/$(BENCH)" $(GO) install $(MC)

.PHONY: verify
verify: ## fail when modules or generated files are stale
	$(GO) mod tidy -diff
	$(GO) mod verify
	@sh ./.ci/assets

.PHONY: vuln
vuln: ## look for known vulnerabilities; fails without the vulnerability database
	$(GO) run $(GOVULNCHECK) ./...

.PHONY: generate
generate: console ## write the generated files again: the console's assets, docs and golden files
	$(GO) test ./iam/explain ./iam/lint ./internal/access ./internal/doctor ./internal/setup/aws ./internal/setup/ci -update

.PHONY: console
console: ## build the console's assets with npm
	cd internal/console/asset && npm install --no-save --silent && node build.mjs

.PHONY: clean
clean: ## remove build results
	rm -rf bin
