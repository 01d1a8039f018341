// Package jobs runs work later, at least once, and loses none.
//
// What is to be done lies in PostgreSQL, in its owner's table or in jobs, and
// its state stays there. Redis holds bells only: "somebody should look at this".
// An Engine asks each Source what is due, rings, and calls the Source when a
// bell is answered, in this process or another. A bell that is lost is rung
// again when its mark ends, so that Redis may vanish, empty itself and come back.
package jobs
