package directory

import "github.com/windlass-io/windlass/iam"

// Title returns the name of one of the caller's policies, with the group that
// it comes from. It is empty for policies without a name.
func (c *Caller) Title(kind iam.Kind, index int) string {
	switch {
	case kind == iam.Identity:
		return at(c.titles(), index, len(c.Identity))
	case kind == iam.Boundary && c.bearer != nil && c.bearer.Boundary != "":
		return policyTitle(c.bearer.Boundary)
	case kind == iam.Session && c.Session != nil:
		titles := make([]string, len(c.Session.Policies)) // inline session policies have no name
		for _, arn := range c.Session.PolicyARNs {
			titles = append(titles, policyTitle(arn))
		}
		return at(titles, index, len(c.Limits))
	default:
		return ""
	}
}

// titles returns the names of the policies in Identity, in order.
func (c *Caller) titles() []string {
	if c.bearer == nil {
		return nil
	}
	titles := identityTitles(c.bearer, "")
	for _, group := range c.groups {
		titles = append(titles, identityTitles(&group.Identity, " of group "+group.Name)...)
	}
	return titles
}

func identityTitles(of *Identity, by string) []string {
	var titles []string
	for _, name := range SortedNames(of.Inline) {
		titles = append(titles, name+by)
	}
	for _, arn := range of.Attached {
		titles = append(titles, policyTitle(arn)+by)
	}
	return titles
}

func policyTitle(arn string) string {
	_, _, name := SplitARN(arn)
	return name
}

// at returns a title. It is empty if titles and policies differ in number,
// because a policy was deleted and they can't be matched.
func at(titles []string, index, policies int) string {
	if len(titles) != policies || index < 0 || index >= len(titles) {
		return ""
	}
	return titles[index]
}
