package storage

import (
	"crypto/rand"
	"encoding/binary"
	"time"
)

// NewID makes an id that people and apps may see: 63 bits, 42 of milliseconds
// since 1970 and 21 random, so that ids sort by time and tell no count.
func NewID(at time.Time) int64 {
	var b [4]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(err) // crypto/rand never fails on the systems we run on
	}
	return at.UnixMilli()<<21 | int64(binary.BigEndian.Uint32(b[:])&(1<<21-1))
}

// IDTime tells the millisecond that an id carries.
func IDTime(id int64) time.Time { return time.UnixMilli(id >> 21).UTC() }

// FirstID is the least id that a moment may give.
func FirstID(at time.Time) int64 { return at.UnixMilli() << 21 }
