# A thin shell over dev/setup.py, which does the same on Windows, where there is no make.
#   make run, make test, make help; make test ARGS="-k undo"; make run PYTHON=python3.12

PYTHON ?= python3

.DEFAULT_GOAL := help
.PHONY: run test setup golden format lock licences sbom audit clean help

run test setup golden format lock licences sbom audit clean help:
	@$(PYTHON) dev/setup.py $@ $(ARGS)
