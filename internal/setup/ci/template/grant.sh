# The integration's role must allow sessions to have the job's name. Print the policy to add:
#   windlass integration update [[ .Integration ]] --vending
windlass grant create --name [[ shell .Name ]] \
  --provider [[ .CI ]] \
  --integration [[ shell .Integration ]] \
  --bucket [[ shell .Bucket ]] \
[[- with .Prefix ]]
  --prefix [[ shell . ]] \
[[- end ]]
  --allow [[ .Actions ]]
[[- range .Conditions ]] \
  --where [[ shell . ]]
[[- end ]]
[[- range .Job.Users ]] \
  --user [[ . ]]
[[- end ]]
[[- if eq .CI "terraform" ]] \
  --allow-pull-requests
[[- end ]]
