# Two commands do everything, set-up included: make rehearse, make test.
SHELL := /bin/bash
.DEFAULT_GOAL := help
STACK ?= dev

# uv from the machine, or one of our own in .uv: nothing else has to be there but Python 3.11 or newer.
UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
RUN := $(UV) run --frozen --no-sync
PYTEST := $(RUN) pytest

# A proxy may have a certificate authority that only this machine knows: its own certificates go before those that uv,
# pip and Node bring along. Not where it has none, because uv would then go with none at all. (UV_NATIVE_TLS: before 0.11.)
CERTIFICATES := $(firstword $(wildcard $(SSL_CERT_FILE) /etc/ssl/certs/ca-certificates.crt \
	/etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem))
ifneq ($(CERTIFICATES),)
export UV_SYSTEM_CERTS ?= 1
export UV_NATIVE_TLS ?= 1
export NODE_EXTRA_CA_CERTS ?= $(CERTIFICATES)
endif

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'
	@echo "  STACK=$(STACK): one of $(patsubst Pulumi.%.yaml,%,$(wildcard Pulumi.*.yaml))"

.uv/bin/uv:
	python3 -m venv .uv
	@export PIP_CERT="$${PIP_CERT:-$$(.uv/bin/pip config get global.cert 2>/dev/null || echo $(CERTIFICATES))}"; \
	.uv/bin/pip install --quiet --disable-pip-version-check uv

.venv/.ready: pyproject.toml uv.lock | $(filter .uv/bin/uv,$(UV))
	@$(UV) sync --frozen --quiet
	@touch $@

setup: .venv/.ready ## Make the Python environment in .venv

system: ## Install Debian packages that the rehearsal needs (as root; elsewhere says which)
	@scripts/system-packages

preview: setup ## Plan a stack and judge it: no account, no root, no containers
	@$(RUN) berth preview $(STACK)

rehearse: setup system ## Plan and judge a stack, then run its workload for real and post a record
	@$(RUN) berth rehearse $(STACK)

image: setup ## Build the sample service's image with docker or podman, whichever is there
	@$(RUN) python scripts/image.py

run: $(filter .uv/bin/uv,$(UV)) ## Run the sample service and its page here, on ports PORT and PAGE_PORT (8080, 8081)
	@scripts/run-service

test: setup system ## Run every test that this machine can run, and say which it cannot
	@scripts/test

test-cluster: setup system ## Run the chart on a real Kubernetes node (needs root and Go; builds it once a machine)
	@scripts/test-cluster

check: setup ## Lint and type-check
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	cd services/biometric && $(abspath $(UV)) run --frozen --quiet --group dev ruff check . ../../tests/service && $(abspath $(UV)) run --frozen --quiet --group dev mypy

bench: setup ## Measure start-up, preview and rehearsal; prints ratios
	@$(RUN) python -m bench.preview --rehearse
	@$(RUN) python -m bench.services
	@$(RUN) python -m bench.policy
	@$(RUN) python -m bench.report

bench-service: setup system ## Measure the sample service's requests, start-up and memory against a bare server's
	@$(RUN) python -m bench.service

clean: ## Remove what make made
	rm -rf .venv .uv .pytest_cache .mypy_cache .ruff_cache .hypothesis

.PHONY: help setup system preview rehearse image run test test-cluster check bench bench-service clean
