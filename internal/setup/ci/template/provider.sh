windlass provider add [[ .CI ]][[ with .Job.OrganizationID ]] --org [[ shell . ]][[ end ]]
