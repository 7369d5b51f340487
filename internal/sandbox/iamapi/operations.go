package iamapi

// operations is IAM's actions by name.
func operations() map[string]operation {
	user, role, group := userBearer(), roleBearer(), groupBearer()
	table := map[string]operation{
		"CreateUser": {true, user.resource, (*Call).creationKeys, createUser},
		"GetUser":    {false, user.resource, nil, getUser},
		"UpdateUser": {true, user.resource, nil, updateUser},
		"DeleteUser": {true, user.resource, nil, deleteUser},
		"ListUsers":  {false, nil, nil, listUsers},

		"CreateAccessKey":      {true, user.resource, nil, createAccessKey},
		"UpdateAccessKey":      {true, user.resource, nil, updateAccessKey},
		"DeleteAccessKey":      {true, user.resource, nil, deleteAccessKey},
		"ListAccessKeys":       {false, user.resource, nil, listAccessKeys},
		"GetAccessKeyLastUsed": {false, nil, nil, getAccessKeyLastUsed},

		"CreateGroup":         {true, group.resource, nil, createGroup},
		"GetGroup":            {false, group.resource, nil, getGroup},
		"UpdateGroup":         {true, group.resource, nil, updateGroup},
		"DeleteGroup":         {true, group.resource, nil, deleteGroup},
		"ListGroups":          {false, nil, nil, listGroups},
		"AddUserToGroup":      {true, group.resource, nil, addUserToGroup},
		"RemoveUserFromGroup": {true, group.resource, nil, removeUserFromGroup},
		"ListGroupsForUser":   {false, user.resource, nil, listGroupsForUser},

		"CreateRole":             {true, role.resource, (*Call).creationKeys, createRole},
		"GetRole":                {false, role.resource, nil, getRole},
		"UpdateRole":             {true, role.resource, nil, updateRole},
		"UpdateRoleDescription":  {true, role.resource, nil, updateRoleDescription},
		"UpdateAssumeRolePolicy": {true, role.resource, nil, updateAssumeRolePolicy},
		"DeleteRole":             {true, role.resource, nil, deleteRole},
		"ListRoles":              {false, nil, nil, listRoles},

		"CreatePolicy":            {true, newPolicyARN, (*Call).requestTags, createPolicy},
		"GetPolicy":               {false, policyARN, nil, getPolicy},
		"DeletePolicy":            {true, policyARN, nil, deletePolicy},
		"ListPolicies":            {false, nil, nil, listPolicies},
		"CreatePolicyVersion":     {true, policyARN, nil, createPolicyVersion},
		"GetPolicyVersion":        {false, policyARN, nil, getPolicyVersion},
		"SetDefaultPolicyVersion": {true, policyARN, nil, setDefaultPolicyVersion},
		"DeletePolicyVersion":     {true, policyARN, nil, deletePolicyVersion},
		"ListPolicyVersions":      {false, policyARN, nil, listPolicyVersions},
		"ListEntitiesForPolicy":   {false, policyARN, nil, listEntitiesForPolicy},
	}
	for _, bearer := range []bearer{user, role, group} {
		bearer.operations(table)
	}
	return table
}
