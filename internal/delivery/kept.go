package delivery

import "github.com/maypok86/otter/v2"

// Limits of the cache of answers, in bytes.
const (
	keptBytes = 8 << 20
	keptEach  = 4 << 10 // of one answer
	keptNode  = 128     // what the cache itself needs for an answer
)

// answerSum is a digest of everything that an answer depends on; see Answer.digest.
type answerSum [15]byte

// keptAnswer is an answer that was written completely.
type keptAnswer struct {
	body        []byte
	rows, bytes int64
}

// keptAnswers caches small answers: apps read the newest rows of the same keys over and over.
// Answers don't expire, because those of a dataset's new version have new digests.
type keptAnswers struct {
	cache *otter.Cache[answerSum, *keptAnswer]
}

func newKeptAnswers() keptAnswers {
	return keptAnswers{otter.Must(&otter.Options[answerSum, *keptAnswer]{
		MaximumWeight: keptBytes,
		Weigher: func(_ answerSum, k *keptAnswer) uint32 {
			return uint32(len(k.body) + keptNode) //nolint:gosec // keptEach limits it
		},
	})}
}

// get returns an answer, or nil.
func (s keptAnswers) get(sum answerSum) *keptAnswer {
	found, _ := s.cache.GetIfPresent(sum)
	return found
}

// put stores a copy of an answer if it is small.
func (s keptAnswers) put(sum answerSum, body []byte, rows, bytes int64) {
	if len(body) <= keptEach {
		s.cache.Set(sum, &keptAnswer{append([]byte(nil), body...), rows, bytes})
	}
}

// keeps reports whether the answer depends on nothing but its digest, and may be small.
func (a *Answer) keeps() bool {
	return len(a.plans) == 1 && a.plans[0].tag == "" && a.poll == nil && !a.query.modern && !a.stream && !a.scan &&
		!a.query.Schema && a.query.Callback == ""
}

// writeKept writes the answer from the cache.
func (a *Answer) writeKept(out *output) {
	a.reads[0].rows, a.reads[0].bytes = a.kept.rows, a.kept.bytes
	out.b = append(out.b, a.kept.body...)
	out.rows = a.kept.rows
}
