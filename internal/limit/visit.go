package limit

// Visit is one request on its way through the limits. Use it from one
// goroutine, and end it with Leave.
type Visit struct {
	limiter   *Limiter
	address   string // the client's bucket, as clientaddr names it
	anonymous bool
	token     string // ID
	work      held   // until the answer is ready
	request   held   // until the end
	volume    string // key for counting bytes; empty: not counted
}

// Token is the valid token of a request.
type Token struct {
	ID          string
	Workspace   string // ID
	Publishable bool
	PerMinute   int64 // requests that the token may send, from all addresses; 0: any number
}

// Quota is the remaining quota of a token, for the headers RateLimit and
// RateLimit-Policy.
type Quota struct {
	PerMinute int // requests
	Left      int // requests that are allowed immediately
	Reset     int // seconds until the whole burst is allowed again
}

// Visit begins a request from an address.
func (l *Limiter) Visit(address string) *Visit {
	v := &Visit{}
	l.Enter(v, address)
	return v
}

// Enter makes v the visit of a new request from an address.
func (l *Limiter) Enter(v *Visit, address string) {
	*v = Visit{limiter: l, address: address}
}

// held are slots of a request, which rarely has more than one of a kind.
type held struct {
	first Slot
	more  []Slot
}

func (h *held) add(slot Slot) {
	if h.first == (Slot{}) {
		h.first = slot
		return
	}
	h.more = append(h.more, slot)
}

func (h *held) release() {
	h.first.Release()
	for _, slot := range h.more {
		slot.Release()
	}
	*h = held{}
}

// Leave ends the request.
func (v *Visit) Leave() {
	v.Rest()
	v.request.release()
}

// Rest marks the answer of a request as ready, so that a slow client doesn't
// block other requests of the workspace.
func (v *Visit) Rest() { v.work.release() }

// Anonymous counts a request without a valid token. Calling it again for the
// same request doesn't count.
func (v *Visit) Anonymous() error {
	l := v.limiter
	if l == nil || v.anonymous {
		return nil
	}
	slot, ok := l.addresses.Acquire(v.address)
	if !ok {
		return l.refuse(Hit{Reason: ReasonConcurrency, Limit: "requests at once from your address", Address: v.address},
			0, "Wait for an earlier request to end.")
	}
	v.anonymous = true
	v.request.add(slot)
	return nil
}

// UnknownToken counts an unknown token. Call it after the lookup, so that valid
// tokens are never slowed down.
func (v *Visit) UnknownToken() error {
	if v.limiter == nil {
		return nil
	}
	return v.failed(v.limiter.unknown, "requests with an unknown token from your address")
}

// RefusedCI counts a CI token that was refused.
func (v *Visit) RefusedCI() error {
	if v.limiter == nil {
		return nil
	}
	return v.failed(v.limiter.refused, "refused tokens from your address")
}

func (v *Visit) failed(buckets *Buckets, limit string) error {
	level, ok := buckets.Take(v.address)
	if ok {
		return nil
	}
	return v.limiter.refuse(Hit{Reason: ReasonRate, Limit: limit, Address: v.address}, level.Wait,
		"Check the token, then try again later.")
}

// Token counts a request with a valid token. The quota is nil if the token
// has no rate.
func (v *Visit) Token(t Token) (*Quota, error) {
	l := v.limiter
	if l == nil {
		return nil, nil
	}
	v.token = t.ID
	key := t.ID
	if t.Publishable { // one page, many visitors: each address has its own share
		key += " " + v.address
	}
	quota, err := v.rate(key, t.Publishable)
	if err == nil && t.PerMinute > 0 {
		quota, err = v.own(t)
	}
	if err != nil {
		return quota, err
	}
	if err := v.bytes(key, t.Publishable); err != nil {
		return quota, err
	}
	slot, ok := l.tokens.Acquire(key)
	if !ok {
		return quota, l.refuse(v.hit(ReasonConcurrency, "requests at once with this token"), 0,
			"Wait for an earlier request to end.")
	}
	v.request.add(slot)
	return quota, v.Workspace(t.Workspace)
}

// Workspace counts an authenticated request to a workspace.
func (v *Visit) Workspace(id string) error {
	l := v.limiter
	if l == nil || id == "" {
		return nil
	}
	slot, ok := l.workspaces.Acquire(id)
	if !ok {
		return l.refuse(v.hit(ReasonConcurrency, "requests at once in this workspace"), 0,
			"Wait for an earlier request to end.")
	}
	v.work.add(slot)
	return nil
}

func (v *Visit) rate(key string, publishable bool) (*Quota, error) {
	buckets, perMinute := v.limiter.tokenRate, v.limiter.config.TokenRate
	if publishable {
		buckets, perMinute = v.limiter.publishableRate, v.limiter.config.PublishableRate
	}
	if buckets == nil {
		return nil, nil
	}
	level, ok := buckets.Take(key)
	quota := &Quota{PerMinute: perMinute, Left: level.Left, Reset: Seconds(level.Reset)}
	if !ok {
		return quota, v.limiter.refuse(v.hit(ReasonRate, "requests a minute with this token"), level.Wait,
			"Send fewer requests, or ask for more rows in each.")
	}
	return quota, nil
}

// own counts a request of a token with its own limit.
func (v *Visit) own(t Token) (*Quota, error) {
	level, ok := v.limiter.own.Take(t.ID, t.PerMinute)
	quota := &Quota{PerMinute: int(t.PerMinute), Left: level.Left, Reset: Seconds(level.Reset)}
	if !ok {
		return quota, v.limiter.refuse(v.hit(ReasonRate, "requests a minute for the limit of this token"), level.Wait,
			"Send fewer requests, or raise the token's limit.")
	}
	return quota, nil
}

func (v *Visit) bytes(key string, publishable bool) error {
	if v.limiter.bytes == nil || !publishable {
		return nil
	}
	wait, ok := v.limiter.bytes.Allowed(key)
	if !ok {
		return v.limiter.refuse(v.hit(ReasonBytes, "bytes in the last hour with this token"), wait,
			"Ask for fewer rows or columns.")
	}
	v.volume = key
	return nil
}

// Wrote counts bytes of the response.
func (v *Visit) Wrote(n int) {
	if v.volume != "" && n > 0 {
		v.limiter.bytes.Add(v.volume, int64(n))
	}
}

func (v *Visit) hit(reason, limit string) Hit {
	return Hit{Reason: reason, Limit: limit, Token: v.token, Address: v.address}
}
