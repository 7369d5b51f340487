// Package journal keeps the sandbox's state in an append-only file.
package journal

// Record is the value of a key from here on; a nil value means that the key
// is gone.
type Record struct {
	Key   string
	Value []byte
}
