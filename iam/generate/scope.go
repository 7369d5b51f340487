package generate

// Scope lists the actions that a session may do in some locations. It has
// separate fields for each kind of action, unlike [Need].
type Scope struct {
	Partition Partition  // empty: aws
	Locations []Location // at least one; locations inside another are dropped
	List      bool       // list the keys in the locations
	Read      bool       // read objects
	Write     bool       // put and overwrite objects, abort uploads
	Delete    bool       // delete objects, but not old versions
	// KMSKeyARNs are the keys that the objects are encrypted with. The policy
	// only allows their use through S3.
	KMSKeyARNs []string
}

// ScopePolicy returns the session policy that restricts a role to the scope,
// in as few characters as possible. If it has more than [MaxSessionPolicy]
// characters, ScopePolicy returns a [*SizeError] and never widens the policy.
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
		return "", invalid("actions", "", "specify at least one of list, read, write and delete")
	}
	for i := range statements {
		statements[i].Effect = "Allow"
	}
	return narrow(statements, need)
}

// access returns the kind of access that uses the KMS keys in the same way.
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
