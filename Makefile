# Tool versions are pinned here and nowhere else.
GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

GO ?= go
ARGS ?=
FUZZTIME ?= 10s

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/windlass
	$(GO) build -o bin/windlass ./cmd/windlass

.PHONY: run
run: build ## the demo, kept in ./windlass-demo and carried on from there
	@bin/windlass demo --dir windlass-demo

.PHONY: demo
demo: build ## run the whole main job on this machine, no AWS account needed (ARGS="--once --json")
	@bin/windlass demo $(ARGS)

.PHONY: test
test: ## run every test
	$(GO) test -timeout 20m ./...

.PHONY: race
race: ## run every test but those of the built binary and of pages in a browser under the race detector
	$(GO) test -race -timeout 30m -skip InABrowser $$($(GO) list ./... | grep -v /e2e)

.PHONY: lint
lint: ## check form, floors and slips
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) run $(GOLANGCI_LINT) run ./...

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME each; fails when a target ran no input
	@GO="$(GO)" FUZZTIME=$(FUZZTIME) sh ./.ci/fuzz

.PHONY: e2e
e2e: ## drive the built binary: walkthroughs, browser, kill -9
	$(GO) test ./e2e

.PHONY: bench-iam
bench-iam: ## decide side by side with other policy engines, and print the ratios
	cd tools/iambench && $(GO) run .

BENCH := bin/bench
VERSITYGW := github.com/versity/versitygw/cmd/versitygw@v1.8.0
MINIO := github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c

.PHONY: bench-sandbox
bench-sandbox: build ## put, get and list side by side with versitygw and MinIO, and print the ratios
	@GOBIN="$(CURDIR)/$(BENCH)" $(GO) install $(VERSITYGW)
	@GOBIN="$(CURDIR)/$(BENCH)" $(GO) install $(MINIO) || echo "MinIO cannot be built: it is left out"
	@$(GO) run ./tools/sandboxbench -windlass bin/windlass -versitygw $(BENCH)/versitygw \
		-minio "$$(test -x $(BENCH)/minio && echo $(BENCH)/minio)" $(ARGS)

.PHONY: conformance
conformance: ## run versitygw's tests of IAM and S3 against the sandbox, and print what does not pass
	@GOBIN="$(CURDIR)/$(BENCH)" $(GO) install $(VERSITYGW)
	@$(GO) run ./tools/conformance -versitygw $(BENCH)/versitygw $(ARGS)

MC := github.com/minio/mc@v0.0.0-20250313080218-cf909e1063a9

.PHONY: stores
stores: ## build MinIO and its client, so that e2e tries access keys on it
	@GOBIN="$(CURDIR)/$(BENCH)" $(GO) install $(MINIO)
	@GOBIN="$(CURDIR)/$(BENCH)" $(GO) install $(MC)

.PHONY: verify
verify: ## fail when modules or generated files are stale
	$(GO) mod tidy -diff
	$(GO) mod verify
	@sh ./.ci/assets

.PHONY: clean
clean: ## remove what was built
	rm -rf bin
