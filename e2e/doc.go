// Package e2e tells stories between whole servers: the program itself, built
// and run as processes over TLS, each with a database and a Redis of its own,
// driven through its command line, its pages and by peers that we did not write.
package e2e
