# Passerelles: `make help` lists what there is.
.DEFAULT_GOAL := help
.PHONY: help build run test lint audit bench chaos

export PATH := $(PATH):/usr/local/go/bin

ifeq ($(shell PATH="$(PATH)" command -v go),)
ifneq ($(or $(MAKECMDGOALS),help),help)
$(error Go is missing: install Go 1.26 or later from https://go.dev/dl)
endif
endif

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/passerelles
	go build -o bin/passerelles ./cmd/passerelles

run: build ## start a server on http://localhost:8080; Ctrl-C stops it
	@exec bin/passerelles serve

test: ## run every test
	go test -timeout 30m ./...

lint: ## check format, vet, staticcheck and go.mod
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "gofmt these:"; echo "$$unformatted"; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	go mod tidy -diff

audit: ## look for known flaws in what we are built of (asks vuln.go.dev)
	go mod verify
	go run golang.org/x/vuln/cmd/govulncheck@v1.1.4 ./...

bench: ## measure the built program, in RSA signatures (SCALE=0.1 for a quick look)
	@go test ./e2e/bench -run '^$$' -bench . -benchtime 1x -timeout 60m -scale $(or $(SCALE),1)

chaos: ## break everything that can break, for FOR=10m; SEED repeats the dice
	@CHAOS_FOR=$(or $(FOR),10m) CHAOS_SEED=$(SEED) go test ./e2e ./server -run 'NothingLost|CrashAtEachStep|FullDisk|PowerFailure|Apart|AnyOrderAndOften|MigrationKilled|SixtyDays' -v -count=1 -timeout 0 | grep -v '^ *{'
