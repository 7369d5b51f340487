# Tool versions are pinned here and nowhere else.
GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

GO ?= go
ARGS ?=
FUZZTIME ?= 10s

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/windlass
	$(GO) build -o bin/windlass ./cmd/windlass

.PHONY: demo
demo: build ## run the whole main job on this machine, no AWS account needed (ARGS="--once --json")
	@bin/windlass demo $(ARGS)

.PHONY: test
test: ## run every test
	$(GO) test ./...

.PHONY: race
race: ## run every test under the race detector
	$(GO) test -race ./...

.PHONY: lint
lint: ## check form, floors and slips
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) run $(GOLANGCI_LINT) run ./...

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME each; fails when a target ran no input
	@GO="$(GO)" FUZZTIME=$(FUZZTIME) sh ./.ci/fuzz

.PHONY: verify
verify: ## fail when modules or generated files are stale
	$(GO) mod tidy -diff
	$(GO) mod verify

.PHONY: clean
clean: ## remove what was built
	rm -rf bin
