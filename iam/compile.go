package iam

import "errors"

// Compiled is a policy ready for evaluation. It never changes and may be used
// by many goroutines at once.
type Compiled struct {
	policy *Policy
}

// Policy gives the policy that was compiled. Do not change it.
func (c *Compiled) Policy() *Policy { return c.policy }

// Compile makes a policy ready for evaluation. Where it cannot be evaluated,
// the error is a [*CompileError] with every fault found.
func Compile(p *Policy) (*Compiled, error) {
	return &Compiled{policy: p}, errors.New("not yet")
}
