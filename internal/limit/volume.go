package limit

import (
	"sync"
	"time"
)

// A volume counts bytes in parts of an hour; the last parts together are the
// hour before now, to the length of one part.
const (
	volumeParts = 12
	volumePart  = time.Hour / volumeParts
)

// Volumes counts the bytes that each key received within the last hour. It is
// safe for concurrent use.
type Volumes struct {
	most int64
	now  func() time.Time

	mu      sync.Mutex
	volumes map[string]*volume
	swept   int64
}

type volume struct {
	part  int64 // number of the newest part, since 1970
	bytes [volumeParts]int64
}

// NewVolumes returns counters that allow most bytes an hour.
func NewVolumes(most int64, now func() time.Time) *Volumes {
	return &Volumes{most: most, now: now, volumes: map[string]*volume{}}
}

// Allowed reports whether a key may get more, and if not, how long it waits.
func (v *Volumes) Allowed(key string) (wait time.Duration, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.now()
	part := partOf(now)
	kept := v.volumes[v.admit(key, part)]
	if kept == nil {
		return 0, true
	}
	kept.turn(part)
	total := kept.total()
	if total < v.most {
		return 0, true
	}
	for ahead := int64(1); ahead < volumeParts; ahead++ { // the oldest parts leave first
		if total -= kept.bytes[(part+ahead)%volumeParts]; total < v.most {
			return time.Unix(0, (part+ahead)*int64(volumePart)).Sub(now), false
		}
	}
	return time.Unix(0, (part+volumeParts)*int64(volumePart)).Sub(now), false
}

// Add counts bytes that a key got.
func (v *Volumes) Add(key string, n int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	part := partOf(v.now())
	key = v.admit(key, part)
	kept := v.volumes[key]
	if kept == nil {
		kept = &volume{part: part}
		v.volumes[key] = kept
	}
	kept.turn(part)
	kept.bytes[part%volumeParts] += n
}

// admit makes room for a new key, or returns the shared key. Once in each
// part it drops counters without bytes in the last hour.
func (v *Volumes) admit(key string, part int64) string {
	if v.volumes[key] != nil || len(v.volumes) < maxKeys {
		return key
	}
	if v.swept != part {
		v.swept = part
		for k, kept := range v.volumes {
			if part-kept.part >= volumeParts {
				delete(v.volumes, k)
			}
		}
	}
	if len(v.volumes) < maxKeys {
		return key
	}
	return others
}

func partOf(t time.Time) int64 { return t.UnixNano() / int64(volumePart) }

// turn clears the parts between the newest one and now.
func (v *volume) turn(part int64) {
	for n := max(v.part, part-volumeParts) + 1; n <= part; n++ {
		v.bytes[n%volumeParts] = 0
	}
	v.part = max(v.part, part)
}

func (v *volume) total() int64 {
	var sum int64
	for _, n := range v.bytes {
		sum += n
	}
	return sum
}
