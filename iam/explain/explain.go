// Package explain tells a decision of the policy engine to a person: which
// statement settled it, what failed first in each of the others, and what to
// change.
package explain
