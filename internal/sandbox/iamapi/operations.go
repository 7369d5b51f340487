package iamapi

// operations returns IAM's actions by name.
func operations() map[string]operation {
	user, role, group := userBearer(), roleBearer(), groupBearer()
	table := map[string]operation{
		"CreateUser": {true, user.resource, (*call).creationKeys, createUser},
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

		"CreateRole":             {true, role.resource, (*call).creationKeys, createRole},
		"GetRole":                {false, role.resource, nil, getRole},
		"UpdateRole":             {true, role.resource, nil, updateRole},
		"UpdateRoleDescription":  {true, role.resource, nil, updateRoleDescription},
		"UpdateAssumeRolePolicy": {true, role.resource, nil, updateAssumeRolePolicy},
		"DeleteRole":             {true, role.resource, nil, deleteRole},
		"ListRoles":              {false, nil, nil, listRoles},

		"CreatePolicy":            {true, newPolicyARN, (*call).requestTags, createPolicy},
		"GetPolicy":               {false, policyARN, nil, getPolicy},
		"DeletePolicy":            {true, policyARN, nil, deletePolicy},
		"ListPolicies":            {false, nil, nil, listPolicies},
		"CreatePolicyVersion":     {true, policyARN, nil, createPolicyVersion},
		"GetPolicyVersion":        {false, policyARN, nil, getPolicyVersion},
		"SetDefaultPolicyVersion": {true, policyARN, nil, setDefaultPolicyVersion},
		"DeletePolicyVersion":     {true, policyARN, nil, deletePolicyVersion},
		"ListPolicyVersions":      {false, policyARN, nil, listPolicyVersions},
		"ListEntitiesForPolicy":   {false, policyARN, nil, listEntitiesForPolicy},

		"CreateOpenIDConnectProvider":             {true, newProviderARN, (*call).requestTags, createProvider},
		"GetOpenIDConnectProvider":                {false, providerARN, nil, getProvider},
		"DeleteOpenIDConnectProvider":             {true, providerARN, nil, deleteProvider},
		"ListOpenIDConnectProviders":              {false, nil, nil, listProviders},
		"AddClientIDToOpenIDConnectProvider":      {true, providerARN, nil, changeProvider(addClientID)},
		"RemoveClientIDFromOpenIDConnectProvider": {true, providerARN, nil, changeProvider(removeClientID)},
		"UpdateOpenIDConnectProviderThumbprint":   {true, providerARN, nil, changeProvider(updateThumbprint)},

		"CreateInstanceProfile":         {true, profileARN, (*call).requestTags, createProfile},
		"GetInstanceProfile":            {false, profileARN, nil, getProfile},
		"DeleteInstanceProfile":         {true, profileARN, nil, deleteProfile},
		"ListInstanceProfiles":          {false, nil, nil, listProfiles},
		"ListInstanceProfilesForRole":   {false, role.resource, nil, listProfilesForRole},
		"AddRoleToInstanceProfile":      {true, profileARN, nil, addRoleToProfile},
		"RemoveRoleFromInstanceProfile": {true, profileARN, nil, removeRoleFromProfile},

		"GetAccountAuthorizationDetails":   {false, nil, nil, getAccountAuthorizationDetails},
		"SimulatePrincipalPolicy":          {false, simulatedARN, nil, simulatePrincipalPolicy},
		"SimulateCustomPolicy":             {false, nil, nil, simulateCustomPolicy},
		"GetContextKeysForPrincipalPolicy": {false, simulatedARN, nil, contextKeysForPrincipal},
		"GetContextKeysForCustomPolicy":    {false, nil, nil, contextKeysForCustom},

		"GetAccountSummary":  {false, nil, nil, getAccountSummary},
		"CreateAccountAlias": {true, nil, nil, createAccountAlias},
		"DeleteAccountAlias": {true, nil, nil, deleteAccountAlias},
		"ListAccountAliases": {false, nil, nil, listAccountAliases},

		"GetAccountPasswordPolicy":       {false, nil, nil, passwordPolicy},
		"GetLoginProfile":                {false, user.resource, nil, loginProfile},
		"DeleteLoginProfile":             {true, user.resource, nil, loginProfile},
		"ListMFADevices":                 {false, user.resource, nil, listNone("MFADevices")},
		"ListVirtualMFADevices":          {false, nil, nil, listNone("VirtualMFADevices")},
		"ListSSHPublicKeys":              {false, user.resource, nil, listNone("SSHPublicKeys")},
		"ListSigningCertificates":        {false, user.resource, nil, listNone("Certificates")},
		"ListServiceSpecificCredentials": {false, user.resource, nil, listNone("ServiceSpecificCredentials")},
		"ListSAMLProviders":              {false, nil, nil, listNone("SAMLProviderList")},
		"ListServerCertificates":         {false, nil, nil, listNone("ServerCertificateMetadataList")},
	}
	for _, kind := range []tagged{bearerTags(user), bearerTags(role), policyTags(), providerTags(), profileTags()} {
		kind.operations(table)
	}
	user.boundaryOperations(table)
	role.boundaryOperations(table)
	for _, bearer := range []bearer{user, role, group} {
		bearer.operations(table)
	}
	return table
}
