// Package pasted judges the documents that a role has already, as somebody
// pasted them, against what an integration needs: with no call to AWS, and by
// meaning, not by text.
//
// Package iam is asked what the documents allow: every call that the
// integration makes must be allowed, and every call that nobody should make
// must be refused. What is answered otherwise is a [Finding], with the
// statement that decides and why it matters. What package iam/lint finds is
// added. The documents are what somebody says; only the doctor, who asks AWS,
// proves anything.
package pasted

import (
	"cmp"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam/generate"
)

// Wanted is what the documents are judged against.
type Wanted struct {
	Partition    string   // "aws", "aws-cn", …
	PrincipalARN string   // who Windlass is to AWS
	ExternalIDs  []string // the one that is used, and the next one while it is being changed
	RoleARN      string   // empty: a role of an account that is not known
	Locations    []generate.Location
	Access       generate.Access // Read or ReadWrite
	KMSKeyARNs   []string
	Vending      bool
}

// Documents are what was pasted. Each may be missing; not all.
type Documents struct {
	Trust       []byte
	Permissions [][]byte // a role's policies together
	Boundary    []byte   // the role's permissions boundary
	// Buckets and Keys are the policies of buckets, by name, and of KMS keys, by
	// ARN. They count with the role's permission policies, without which they are
	// not asked.
	Buckets, Keys map[string][]byte
}

// Document names a document.
type Document string

// The documents.
const (
	TrustPolicy      Document = "trust_policy"
	PermissionPolicy Document = "permission_policy"
	BoundaryPolicy   Document = "permissions_boundary"
	BucketPolicy     Document = "bucket_policy"
	KeyPolicy        Document = "key_policy"
)

// Severity says what a finding does to the integration.
type Severity string

// The severities, the worst first.
const (
	Unreadable Severity = "unreadable" // AWS would not take the document, or package iam cannot tell what it means
	Insecure   Severity = "insecure"   // somebody gets in who must not
	Missing    Severity = "missing"    // a call that the integration makes is refused
	Unknown    Severity = "unknown"    // it hangs on what only a real call shows, such as an address
	Excess     Severity = "excess"     // more is open than was declared
	Advice     Severity = "advice"     // it works, and could be better
)

func (s Severity) rank() int {
	return slices.Index([]Severity{Unreadable, Insecure, Missing, Unknown, Excess, Advice}, s)
}

// Finding is one thing in which the documents differ from what is needed.
type Finding struct {
	Code     string   `json:"code"` // stable
	Severity Severity `json:"severity"`
	Document Document `json:"document"`
	Message  string   `json:"message"`          // what differs: one sentence
	Why      string   `json:"why,omitempty"`    // why it matters: one sentence
	Reason   string   `json:"reason,omitempty"` // what in the document decides it
	Fix      string   `json:"fix,omitempty"`    // what to change
	Line     int      `json:"line,omitempty"`   // in the document as it was pasted, from 1; 0: nowhere in particular
}

// Question is a call that the documents were asked about.
type Question struct {
	Document Document `json:"document"`
	Asked    string   `json:"asked"`  // in words
	Wanted   bool     `json:"wanted"` // whether it must be allowed
	Allowed  bool     `json:"allowed"`
}

// Judgement is what came of it.
type Judgement struct {
	Findings  []Finding  `json:"findings"`  // the worst first; empty: the documents fit
	Questions []Question `json:"questions"` // in the order they were asked
}

// Verdict is the worst severity; empty when nothing but advice was found.
func (j *Judgement) Verdict() Severity {
	if len(j.Findings) == 0 || j.Findings[0].Severity == Advice {
		return ""
	}
	return j.Findings[0].Severity
}

// Judge asks the documents. It needs no network and changes nothing.
func Judge(wanted Wanted, documents Documents) Judgement {
	judge := &judge{wanted: wanted, said: Judgement{Findings: []Finding{}, Questions: []Question{}}}
	if len(documents.Trust) > 0 {
		judge.judgeTrust(documents.Trust)
	}
	if len(documents.Permissions) > 0 {
		judge.judgePermissions(documents)
	}
	slices.SortStableFunc(judge.said.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Severity.rank(), b.Severity.rank()), -strings.Compare(string(a.Document), string(b.Document)))
	})
	return judge.said
}

// judge is a judgement under way.
type judge struct {
	wanted Wanted
	said   Judgement
}

func (j *judge) find(f Finding) { j.said.Findings = append(j.said.Findings, f) }
