// Package pasted compares the documents of an existing role with what an
// integration needs, by meaning and without calling AWS.
//
// It evaluates the documents with package iam: they must allow every call that
// the integration makes, and deny every call that nobody should make. Each
// difference is a [Finding] with the statement that causes it. Findings of
// package iam/lint are added. Pasted documents prove nothing; only the doctor,
// which calls AWS, does.
package pasted

import (
	"cmp"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam/generate"
)

// Wanted describes what the documents must allow.
type Wanted struct {
	Partition    string   // "aws", "aws-cn", …
	PrincipalARN string   // Windlass's principal
	ExternalIDs  []string // the one in use, and the next one during a rotation
	RoleARN      string   // empty when unknown
	Locations    []generate.Location
	Access       generate.Access // Read or ReadWrite
	KMSKeyARNs   []string
	Vending      bool
}

// Documents contains the pasted documents. At least one is required.
type Documents struct {
	Trust       []byte
	Permissions [][]byte // a role's policies together
	Boundary    []byte   // the role's permissions boundary
	// Buckets and Keys are the policies of buckets, by name, and of KMS keys, by
	// ARN. They are evaluated only together with the role's permission policies.
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

// Severity is the effect of a finding on the integration.
type Severity string

// The severities, most severe first.
const (
	Unreadable Severity = "unreadable" // AWS would reject the document, or package iam doesn't understand it
	Insecure   Severity = "insecure"   // somebody has access who must not
	Missing    Severity = "missing"    // a call that the integration makes is denied
	Unknown    Severity = "unknown"    // it depends on the request, such as its IP address
	Excess     Severity = "excess"     // more is allowed than declared
	Advice     Severity = "advice"     // it works, but could be better
)

func (s Severity) rank() int {
	return slices.Index([]Severity{Unreadable, Insecure, Missing, Unknown, Excess, Advice}, s)
}

// Finding is a difference between the documents and what is needed.
type Finding struct {
	Code     string   `json:"code"` // stable
	Severity Severity `json:"severity"`
	Document Document `json:"document"`
	Message  string   `json:"message"`          // one sentence
	Why      string   `json:"why,omitempty"`    // why it matters, one sentence
	Reason   string   `json:"reason,omitempty"` // the statement that causes it
	Fix      string   `json:"fix,omitempty"`    // what to change
	Line     int      `json:"line,omitempty"`   // in the pasted document, from 1; 0 if unknown
}

// Question is a call that was evaluated.
type Question struct {
	Document Document `json:"document"`
	Asked    string   `json:"asked"`  // in words
	Wanted   bool     `json:"wanted"` // whether it must be allowed
	Allowed  bool     `json:"allowed"`
}

// Judgement is the result.
type Judgement struct {
	Findings  []Finding  `json:"findings"`  // most severe first; empty if the documents match
	Questions []Question `json:"questions"` // in order of evaluation
}

// Verdict returns the highest severity. It is empty if there is only advice.
func (j *Judgement) Verdict() Severity {
	if len(j.Findings) == 0 || j.Findings[0].Severity == Advice {
		return ""
	}
	return j.Findings[0].Severity
}

// Judge evaluates the documents. It needs no network.
func Judge(wanted Wanted, documents Documents) Judgement {
	judge := &judge{wanted: wanted, said: Judgement{Findings: []Finding{}, Questions: []Question{}}}
	if len(documents.Trust) > 0 {
		judge.judgeTrust(documents.Trust)
	}
	if len(documents.Permissions) > 0 {
		judge.judgePermissions(documents)
	}
	slices.SortStableFunc(judge.said.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Severity.rank(), b.Severity.rank()),
			-strings.Compare(string(a.Document), string(b.Document)))
	})
	return judge.said
}

// judge collects a judgement.
type judge struct {
	wanted Wanted
	said   Judgement
}

func (j *judge) find(f Finding) { j.said.Findings = append(j.said.Findings, f) }
