// Package bench measures the built program: deliveries, receipts, documents and
// memory, in units of R, the RSA signatures that this machine makes in the same
// run. `make bench` prints the table that docs/performance.md explains.
//
// A house (house_test.go) is one server with its database and Redis; a crowd
// (crowd_test.go) is a thousand other servers on loopback addresses; the cost of
// each part is read from the processor time of its processes (cost_test.go), so
// that another program on the machine cannot pass for slowness of ours.
package bench
