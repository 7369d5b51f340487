package iam

// Context has the condition keys of one request. The zero value is an empty
// context. A key that was never set is absent, which differs from a key set to
// "" or to no value at all. Concurrent reads are safe, but not while the
// context changes.
type Context struct {
	hashes  []uint64 // hashes of the entries' keys, ignoring case
	entries []contextEntry
}

type contextEntry struct {
	key    string // as it was set
	single string // the value, if more is nil
	more   []string
}

// Set sets the values of key and replaces existing ones. Keys ignore case.
// Without values the key is present and empty, as for a multivalued key with
// no members.
func (c *Context) Set(key string, values ...string) {
	hash, entry := hashKey(key), contextEntry{key: key}
	if len(values) == 1 {
		entry.single = values[0]
	} else {
		entry.more = append(make([]string, 0, len(values)), values...)
	}
	if i := c.find(hash, key); i >= 0 {
		c.entries[i] = entry
		return
	}
	c.hashes = append(c.hashes, hash)
	c.entries = append(c.entries, entry)
}

// Has reports whether the key is present.
func (c *Context) Has(key string) bool { return c.find(hashKey(key), key) >= 0 }

// Values returns a copy of the key's values, nil when the key is absent.
func (c *Context) Values(key string) []string {
	i := c.find(hashKey(key), key)
	if i < 0 {
		return nil
	}
	entry := &c.entries[i]
	values := make([]string, entry.len())
	for n := range values {
		values[n] = entry.at(n)
	}
	return values
}

// Keys returns the keys that are present, spelled as they were set, in the
// order in which they were first set.
func (c *Context) Keys() []string {
	keys := make([]string, len(c.entries))
	for i := range c.entries {
		keys[i] = c.entries[i].key
	}
	return keys
}

// Reset removes all keys and keeps the memory for the next request.
func (c *Context) Reset() {
	clear(c.entries)
	c.hashes, c.entries = c.hashes[:0], c.entries[:0]
}

func (c *Context) find(hash uint64, key string) int {
	for i, h := range c.hashes {
		if h == hash && equalFold(c.entries[i].key, key) {
			return i
		}
	}
	return -1
}

func (e *contextEntry) len() int {
	if e.more == nil {
		return 1
	}
	return len(e.more)
}

func (e *contextEntry) at(i int) string {
	if e.more == nil {
		return e.single
	}
	return e.more[i]
}

// hashKey hashes eight bytes at a time, in lower case, so that names that
// differ only in case have the same hash.
func hashKey(key string) uint64 {
	const prime = 0x9e3779b97f4a7c15
	h := uint64(len(key)) * prime
	rest := key
	for len(rest) > 8 {
		h = (h ^ lowerWord(word(rest))) * prime
		h ^= h >> 29
		rest = rest[8:]
	}
	if len(key) >= 8 {
		rest = key[len(key)-8:] // the last eight bytes, which may overlap the previous ones
	}
	h = (h ^ firstWord(rest)) * prime
	return h ^ h>>32
}

// word reads eight bytes. The compiler turns it into a single load.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// lowerWord converts the ASCII letters in eight bytes to lower case.
func lowerWord(w uint64) uint64 {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	seven := w &^ high
	fromA, pastZ := seven+(128-'A')*ones, seven+(127-'Z')*ones // sets the high bit of bytes from the letter on
	return w | (fromA&^pastZ&^w&high)>>2
}

// equalFold compares two strings, ignoring ASCII case. AWS's names are ASCII.
func equalFold(a, b string) bool {
	return len(a) == len(b) && (a == b || equalFoldSlow(a, b))
}

func equalFoldSlow(a, b string) bool {
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + ('a' - 'A')
	}
	return b
}
