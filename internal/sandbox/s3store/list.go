package s3store

import "strings"

// Listing selects what to list.
type Listing struct {
	Prefix    string
	Delimiter string
	After     string // list what follows this key or common prefix
	Versions  bool   // list every version and delete marker, not only current objects
	AfterID   string // with Versions: start after this version of the key After
	Max       int    // of keys and common prefixes together
}

// Page is a page of a listing, in key order.
type Page struct {
	Versions  []*Version
	Latest    []bool // for each of Versions: whether it is the newest of its key
	Prefixes  []string
	Truncated bool
	Next      string // the last key or common prefix of the page
	NextID    string // with Versions: the last version
}

// List returns one page.
func (b *Bucket) List(l Listing) Page {
	b.mu.RLock()
	defer b.mu.RUnlock()
	w := walk{Listing: l}
	if l.Max == 0 {
		return w.page
	}
	for from := max(l.Prefix, l.After); ; {
		skip := ""
		b.objects.Ascend(&object{key: from}, func(o *object) bool {
			if !strings.HasPrefix(o.key, l.Prefix) {
				return false
			}
			if prefix := w.common(o); prefix != "" {
				skip = prefix
				return false
			}
			return w.object(o)
		})
		// Skip the keys under a common prefix.
		if from = after(skip); from == "" || w.page.Truncated {
			return w.page
		}
	}
}

type walk struct {
	Listing
	page  Page
	count int
}

// full reports whether the page is full, and marks it truncated if so.
func (w *walk) full() bool {
	w.page.Truncated = w.count == w.Max
	return w.page.Truncated
}

// common handles a key under a common prefix: it lists the prefix once and
// returns it. It returns "" for keys that are listed themselves.
func (w *walk) common(o *object) string {
	if w.Delimiter == "" {
		return ""
	}
	at := strings.Index(o.key[len(w.Prefix):], w.Delimiter)
	if at < 0 {
		return ""
	}
	prefix := o.key[:len(w.Prefix)+at+len(w.Delimiter)]
	if w.After == prefix {
		return prefix // it was on the previous page
	}
	if o.key <= w.After && w.After != "" || !w.Versions && w.hidden(o) {
		return "" // this key doesn't count, but the next one under the prefix may
	}
	if !w.full() {
		w.count++
		w.page.Prefixes = append(w.page.Prefixes, prefix)
		w.page.Next, w.page.NextID = prefix, ""
	}
	return prefix
}

// hidden reports whether a key's current version is a delete marker.
func (w *walk) hidden(o *object) bool { return o.versions[0].DeleteMarker }

// object lists a key's versions. It returns false to end the iteration.
func (w *walk) object(o *object) bool {
	if !w.Versions {
		if w.hidden(o) || w.After != "" && o.key <= w.After {
			return true
		}
		return w.add(o, o.versions[0])
	}
	versions := o.versions
	if w.After != "" && o.key <= w.After {
		if o.key < w.After || w.AfterID == "" {
			return true
		}
		for i, v := range versions {
			if v.ID == w.AfterID {
				versions = versions[i+1:]
				break
			}
		}
	}
	for _, v := range versions {
		if !w.add(o, v) {
			return false
		}
	}
	return true
}

func (w *walk) add(o *object, v *Version) bool {
	if w.full() {
		return false
	}
	w.count++
	w.page.Versions = append(w.page.Versions, v)
	w.page.Latest = append(w.page.Latest, o.versions[0] == v)
	w.page.Next, w.page.NextID = v.Key, v.ID
	return true
}

// after returns the smallest key greater than all keys with a prefix, or "" if
// no key is.
func after(prefix string) string {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] < 0xff {
			return prefix[:i] + string([]byte{prefix[i] + 1})
		}
	}
	return ""
}
