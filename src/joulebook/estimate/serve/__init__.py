"""What a request, a token, a picture or a second of film takes."""
