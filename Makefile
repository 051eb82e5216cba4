# The front door. Each target is one script; `make help` lists them.
.PHONY: help setup demo test check build lint format docs bench figures fuzz interop conformance agents capture flood \
	flood-turn blocked-udp join-storm churn slowloris restart resume

help:         ## this list
	@grep -E '^[a-z-]+: .*##|^[a-z-]+:  *##' Makefile | sed -E 's/: *## /\t/' | expand -t 14
setup:        ## install what is missing and switch the commit hook on
	@scripts/setup.sh
demo:         ## a server, a bot that publishes, and a bot that watches and judges
	@scripts/demo.sh
test:         ## everything: unit tests, schema, other stacks in both directions, embedding
	@scripts/test.sh
check:        ## what a commit must pass: lint, build, unit tests
	@scripts/check.sh
build:        ## a debug build
	@swift build
lint:         ## formatting and documentation, strictly
	@scripts/lint.sh
format:       ## format in place
	@scripts/lint.sh format
docs:         ## the reference of the products, into .build/docs
	@scripts/docs.sh
bench:        ## measure
	@scripts/bench.sh
figures:      ## what the transport does on a simulated network, over SEEDS (1...100)
	@swift run -c release transport-figures --seeds "$${SEEDS:-1...100}"
fuzz:         ## every parser for SECONDS_EACH (60) seconds
	@scripts/fuzz.sh "$${SECONDS_EACH:-60}"
interop:      ## against other stacks: the Python SDK, aiortc, Chromium if it is there
	@scripts/test-interop.sh
conformance:  ## the black-box suite beside the repository, against demo-server
	@scripts/conformance.sh
agents:       ## a worker of LiveKit's agents framework against demo-server
	@scripts/test-agents.sh
capture:      ## a call on the wire, judged by tshark
	@scripts/test-capture.sh
flood:        ## garbage at the media port while a call goes on
	@scripts/flood.sh
flood-turn:   ## what strangers forge: Allocates, STUN and DTLS from ten thousand addresses
	@scripts/flood-turn.sh
blocked-udp:  ## a client without UDP, in a network namespace: ICE over TCP, then TURN over TLS
	@scripts/test-blocked-udp.sh
join-storm:   ## how fast participants can join
	@scripts/join-storm.sh
churn:        ## what 10 000 joins and leaves leave behind
	@scripts/churn.sh
slowloris:    ## clients that never finish a request
	@scripts/slowloris.sh
restart:      ## the server killed under stock participants
	@scripts/restart.sh
resume:       ## a stock participant without its signalling for a while
	@scripts/resume.sh
