DROP TABLE places_to_forget
