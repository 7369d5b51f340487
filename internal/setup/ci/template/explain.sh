windlass ci explain --url [[ shell .Server ]] --token-file job.jwt --grant [[ shell .Name ]]
