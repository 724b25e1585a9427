"""The report of one or several trainings: their logs in, one offline page or a picture out."""
