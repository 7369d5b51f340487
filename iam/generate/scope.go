package generate

// Scope is what a session may do in some locations, action by action: finer
// than [Need].
type Scope struct {
	Partition Partition  // empty: aws
	Locations []Location // one or more; one inside another is left out
	List      bool       // the keys under the locations
	Read      bool       // objects
	Write     bool       // put and overwrite objects, abort uploads
	Delete    bool       // objects, never old versions
	// KMSKeyARNs are the keys that the objects are encrypted with; they may be
	// used through S3 alone.
	KMSKeyARNs []string
}

// ScopePolicy is the session policy that narrows a role to the scope, as short
// as it can be written. One that would have more than [MaxSessionPolicy]
// characters is refused with a [*SizeError], never widened.
func ScopePolicy(scope Scope) (string, error) {
	need, err := Need{
		Partition: scope.Partition, Locations: scope.Locations, Access: scope.access(),
		KMSKeyARNs: scope.KMSKeyARNs,
	}.Normalize()
	if err != nil {
		return "", err
	}
	statements := scope.statements(need)
	if len(statements) == 0 {
		return "", invalid("actions", "", "name at least one of list, read, write and delete")
	}
	for i := range statements {
		statements[i].Effect = "Allow"
	}
	return narrow(statements, need)
}

// access is the kind of access that uses the KMS keys in the same way.
func (s Scope) access() Access {
	if s.Write {
		return ReadWrite
	}
	return Read
}

func (s Scope) statements(need Need) []statement {
	var out []statement
	if s.List {
		out = append(out, need.list()...)
	}
	var actions values
	if s.Read {
		actions = append(actions, "s3:GetObject")
	}
	if s.Write {
		actions = append(actions, "s3:PutObject", "s3:AbortMultipartUpload")
	}
	if s.Delete {
		actions = append(actions, "s3:DeleteObject")
	}
	if len(actions) > 0 {
		out = append(out, statement{Action: actions, Resource: need.objects()})
	}
	if s.Read || s.Write {
		out = append(out, need.keys()...)
	}
	return out
}
